"""Keep a result that its own place does not take: it may stand for hours of reading."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from lighton_ocr.errors import LightonOcrError, OutputError


def rescue(
    error: OutputError,
    name: str,
    save: Callable[[Path], None],
    show: Callable[[], None] | None = None,
) -> OutputError:
    """Save a result in a new temporary folder, or else show it; return an error that says where.

    `save` gets the path to write to, which ends in `name`; `show` prints to standard output.
    """
    if kept := _keep(name, save):
        return OutputError(f"{error} What was read is kept in {kept}.")
    if show is not None and _succeeds(show):
        return OutputError(f"{error} What was read is printed to standard output instead.")
    return OutputError(
        f"{error} What was read is lost: it could not be kept in the temporary folder either. "
        "Free some space, or set TMPDIR to a folder that has some, and read it again."
    )


def _keep(name: str, save: Callable[[Path], None]) -> Path | None:
    try:
        folder = Path(tempfile.mkdtemp(prefix="lighton-ocr-kept-"))
    except OSError:
        return None
    path = folder / name
    if _succeeds(lambda: save(path)):
        return path if path.exists() else folder  # pages may have files of their own
    shutil.rmtree(folder, ignore_errors=True)
    return None


def _succeeds(work: Callable[[], None]) -> bool:
    try:
        work()
    except (LightonOcrError, OSError):
        return False
    return True
