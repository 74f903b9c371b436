"""The whole process: settings that only a command line may change, streams, exit statuses."""

import errno
import logging
import os
import signal
import sys
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Literal, TextIO

from lighton_ocr.errors import OutputError

INTERRUPTED = 130  # exit status: 128 + SIGINT, as shells have it
BROKEN_PIPE = 141  # 128 + SIGPIPE
_STANDARD_OUTPUT = 1
_closed: set[int] = set()  # standard streams that were closed when the process began


def set_up_process() -> None:
    """Make this process behave alike wherever it is started."""
    # Python started with -m looks for modules in the current folder first: a file pickle.py among
    # the documents would run in every renderer.
    os.environ["PYTHONSAFEPATH"] = "1"
    _ignore_late_ends()
    _open_standard_streams()
    _use_utf8()
    _interrupt_on_signals()


def check_standard_output() -> None:
    """Check that there is a standard output.

    Raises:
        OutputError: whoever started the process has closed it.
    """
    if _STANDARD_OUTPUT in _closed:
        raise OutputError("Standard output is closed. Name a file with -o, or leave it open.")


def environment_fault(error: OSError) -> str | None:
    """Return a sentence about an error that is neither ours nor a document's, if it is one."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "Too many files are open at once: raise the limit (`ulimit -n 1024`)."
    try:
        Path.cwd()
    except FileNotFoundError:
        return "The current folder does not exist any more: change to another one."
    return None


def drop_output() -> None:
    """Discard what standard output does not take; Python would try once more on exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _ignore_late_ends() -> None:
    """Say nothing of renderers whose end asyncio notices too late, or not at all.

    They end with their event loop. Up to Python 3.11 a thread waits for each, and logs a warning if
    asyncio noticed the end first, or if the loop is closed. One that was being started on Ctrl-C is
    known to nobody, and its pipes are closed after the loop.
    """
    late = ("Unknown child", "that handles pid")
    logging.getLogger("asyncio").addFilter(
        lambda record: not any(words in str(record.msg) for words in late)
    )
    report = sys.unraisablehook

    def report_others(unraisable: "sys.UnraisableHookArgs") -> None:
        if str(unraisable.exc_value) != "Event loop is closed":
            report(unraisable)

    sys.unraisablehook = report_others


def _open_standard_streams() -> None:
    """Open streams that are closed: the next file would take their number, and their output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            _closed.add(number)
            # It takes the lowest number that is free. Nothing can be written to standard output.
            os.open(os.devnull, os.O_RDONLY if number == _STANDARD_OUTPUT else os.O_RDWR)
    sys.stdin = sys.stdin or _stream(0, "r")
    sys.stdout = sys.stdout or _stream(1, "w")
    sys.stderr = sys.stderr or _stream(2, "w")


def _stream(number: int, mode: Literal["r", "w"]) -> TextIO:
    return open(number, mode, encoding="utf-8", closefd=False)


def _use_utf8() -> None:
    """Write UTF-8, whatever the locale or PYTHONIOENCODING say: a page may hold any character."""
    for stream, errors in ((sys.stdout, "replace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def _interrupt_on_signals() -> None:
    """End on SIGTERM and SIGHUP as on Ctrl-C; those that are ignored (nohup) stay so."""
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(_: int, frame: FrameType | None) -> None:
    # A shell's background jobs ignore SIGINT; whoever sends another signal means it.
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):
        raise KeyboardInterrupt
    handler(signal.SIGINT, frame)
