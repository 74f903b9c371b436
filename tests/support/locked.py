"""Folders that belong to somebody else, also for tests that run as root."""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

_OTHER = 12345  # a user
_DROP_FROM_BOUNDING_SET = 24  # of prctl
_RIGHTS = (1, 2)  # to override what files permit: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def lock(path: Path) -> None:
    """Make a file or folder one that only somebody else may use."""
    if os.geteuid() == 0:
        os.chown(path, _OTHER, _OTHER)
        path.chmod(0o700)
    else:
        path.chmod(0)


def without_rights() -> Callable[[], None] | None:
    """Return what a child process does first, so that root may do no more than others."""
    if os.geteuid() != 0:
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def drop() -> None:
        for right in _RIGHTS:
            libc.prctl(_DROP_FROM_BOUNDING_SET, right, 0, 0, 0)

    return drop
