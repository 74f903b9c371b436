"""The licences of all that the model learned from, as the packages' copyright files name them.

    python -m pocket.licences pocket/packages.txt=build/packages \
        pocket/manuals/trained.txt=build/manual-packages > models/pocket/SOURCES.md
"""

import re
import sys
from pathlib import Path

HEAD = """# What the pocket model learned from

Debian packages, and the licences that each one's `copyright` file names for its parts. That file,
`/usr/share/doc/PACKAGE/copyright`, has the last word.

| package | licences |
| --- | --- |
"""
# For the files that are not in Debian's machine-readable form: a phrase and what it stands for.
_PHRASES = {
    "SIL Open Font": "OFL",
    "GUST Font License": "GUST",
    "LaTeX Project Public": "LPPL",
    "GNU Free Documentation": "GFDL",
    "GNU General Public": "GPL",
    "GPL": "GPL",
    "Apache License": "Apache-2.0",
    "public domain": "public domain",
    "MIT": "MIT",
    "BSD": "BSD",
}


def licences(text: str) -> list[str]:
    """Short names, of the form's `License:` fields or, without any, of known phrases."""
    fields = re.findall(r"(?m)^License:[ \t]*(\S+(?: (?:or|and|with) \S+(?: \S+)?)*)$", text)
    return sorted(set(fields) or {name for sign, name in _PHRASES.items() if sign in text})


def main(*lists: str) -> None:
    lines = []
    for pins, root in (item.split("=") for item in lists):
        for pin in Path(pins).read_text().split():
            text = Path(root, f"usr/share/doc/{pin.split('=')[0]}/copyright").read_text("utf8")
            lines.append(f"| {pin} | {', '.join(licences(text)) or 'see the file'} |\n")
    sys.stdout.write(HEAD + "".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
