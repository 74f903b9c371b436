"""Run a command in a pseudo-terminal of a given width, as a user sees it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from dataclasses import dataclass
from pathlib import Path

from tests.support.command_line import COMMAND

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Screen:
    """What a terminal got: every line that was ever shown, without colours."""

    returncode: int
    lines: tuple[str, ...]

    @property
    def width(self) -> int:
        """The length of the longest line."""
        return max(map(len, self.lines))


def run_in_terminal(
    columns: int, *arguments: str | Path, stdout: Path | None = None, **environment: str
) -> Screen:
    """Run a command to its end in a terminal; `stdout` is a file for standard output."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    # The width is the terminal's own: variables would come first.
    inherited = {name: text for name, text in os.environ.items() if name not in _SIZES}
    target = theirs if stdout is None else os.open(stdout, os.O_WRONLY | os.O_CREAT)
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=target,
        stderr=theirs,
        env=inherited | {"TERM": "xterm-256color"} | environment,
    ) as process:
        os.close(theirs)
        if target != theirs:
            os.close(target)
        said = _read_all(ours)
    os.close(ours)
    return Screen(process.returncode, tuple(re.split(r"[\r\n]+", _CONTROL.sub("", said))))


_SIZES = ("COLUMNS", "LINES", "NO_COLOR")


def _read_all(terminal: int) -> str:
    said = b""
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:  # Linux's way to say that the other side is closed
            piece = b""
        if not piece:
            return said.decode()
        said += piece
