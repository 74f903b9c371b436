"""Why a file or folder cannot be used and, if access to it is denied, whose it is."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path


def describe_os_error(error: OSError, path: Path) -> str:
    """Return why `path` cannot be used, without a full stop; where access is denied, what to do."""
    why = error.strerror or str(error)
    if not isinstance(error, PermissionError) or not hasattr(os, "geteuid"):
        return why
    for place, owner in islice(_owners(path), 2):  # a file, and the folder that it is in
        if os.access(place, os.R_OK | os.W_OK):
            continue
        if owner == os.geteuid():
            return f"{why}. {place} is yours: give yourself access (chmod u+rwX)"
        return (
            f"{why}. {place} belongs to {_user(owner)}, and this program runs as "
            f"{_user(os.geteuid())}: change who may use it (chmod, chown), or run as "
            f"{_user(owner)}"
        )
    return why


def _owners(path: Path) -> Iterator[tuple[Path, int]]:
    """Yield what can be seen of a path and the folders that it is in, with the owners' numbers."""
    for place in (path, *path.absolute().parents):
        with suppress(OSError):  # it does not exist, or the folder that it is in is locked
            yield place, place.stat().st_uid


def _user(number: int) -> str:
    import pwd  # Windows has none

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # containers run as any number
        return f"user {number}"
