"""`lighton-ocr serve` in a process of its own."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.command_line import COMMAND


@contextmanager
def serving_command(
    *arguments: str, limits: str = ""
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command, and give its process and address; `limits` are commands of a shell."""
    shell = ["sh", "-c", f'{limits}; exec "$@"', "sh"] if limits else []
    with subprocess.Popen(
        [*shell, *COMMAND, "serve", "--port", "0", *arguments], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process, wait_for_address(process)
        finally:
            process.kill()


def wait_for_address(process: subprocess.Popen[str]) -> str:
    """Read what a starting server says on standard error, up to its address."""
    assert process.stderr
    said = ""
    while (ready := re.search(r"at (http://\S+) ", said)) is None:
        line = process.stderr.readline()
        assert line, said
        said += line
    return ready[1]
