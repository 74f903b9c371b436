#!/usr/bin/env bash
# Gathers what the pocket model is trained and measured on, from Debian's packages:
#
#   bash pocket/gather.sh [FOLDER]
#
# FOLDER is `build` if none is given. What is there already is not downloaded again.
set -euo pipefail
lists=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
mkdir -p "${1:-build}/downloads"
build=$(cd "${1:-build}" && pwd)

unpack() {  # LIST FOLDER: all packages of a list into one folder
  while read -r package; do
    [[ $package == \#* || -e $2/.unpacked/$package ]] && continue
    (cd "$build/downloads" && { compgen -G "${package%%=*}_*.deb" >/dev/null || apt-get -q download "$package"; })
    mkdir -p "$2/.unpacked"
    dpkg -x "$build/downloads/${package%%=*}"_*.deb "$2"
    touch "$2/.unpacked/$package"
  done <"$1"
}

unpack "$lists/packages.txt" "$build/packages"
unpack "$lists/font-packages.txt" "$build/font-packages"
unpack "$lists/manuals/trained.txt" "$build/manual-packages"
for kind in measured final; do  # each package in a folder of its own
  while read -r package; do
    unpack <(echo "$package") "$build/held/$kind/${package%%=*}"
  done <"$lists/manuals/$kind.txt"
done
cd "$lists/.."
"$python" -m pocket.corpus "$build/packages" "$build/pocket"
"$python" -m pocket.fonts "$build/packages" "$build/font-packages" "$build/pocket/fonts"
"$python" -m pocket.manuals.collect "$build/manual-packages" "$build/pocket" "$build/held"
