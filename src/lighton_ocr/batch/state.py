"""The state folder of an output: where its journal is, and the lock that one batch can hold."""

import hashlib
import re
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_state_path

from lighton_ocr._access import describe_os_error
from lighton_ocr.batch.inputs import is_remote
from lighton_ocr.errors import OutputError, UsageError

_FOLDER = ".lighton-ocr"
_LOCK_SECONDS = 1.0  # `status` holds the lock for a moment, too


def state_folder(address: str) -> Path:
    """Return the state folder of an output: inside a folder; for a bucket, in the user's state."""
    if not is_remote(address):
        return Path(address).absolute() / _FOLDER
    address = address.rstrip("/")
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", address)[-80:]
    digest = hashlib.sha256(address.encode()).hexdigest()[:12]
    return user_state_path("lighton-ocr", appauthor=False) / "batch" / f"{readable}-{digest}"


def lock(state: Path, address: str) -> FileLock:
    """Acquire the lock of an output; it is held until it is released or this process ends.

    Raises:
        UsageError: another process holds it.
        OutputError: the folder cannot be written.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        held = FileLock(state / "lock", timeout=_LOCK_SECONDS)
        held.acquire()
    except Timeout:
        raise UsageError(
            f"Another lighton-ocr batch is writing to {address}. Wait until it has finished "
            f"(`lighton-ocr status {address}` shows its progress), or choose another --out."
        ) from None
    except OSError as error:
        raise OutputError(
            f"{state} cannot be written: {describe_os_error(error, state)}."
        ) from None
    return held


def is_locked(state: Path) -> bool:
    """Whether a batch is writing to the output with that state folder."""
    with suppress(OSError):  # the folder may be read-only
        try:
            FileLock(state / "lock", timeout=0).acquire().lock.release()
        except Timeout:
            return True
    return False
