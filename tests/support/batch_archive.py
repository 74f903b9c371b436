"""A batch that `lighton-ocr batch` reads from a scripted endpoint."""

import subprocess
from pathlib import Path

from tests.support import command_line
from tests.support.corpus import make_corpus
from tests.support.scripted_endpoint import ScriptedEndpoint

Done = subprocess.CompletedProcess[str]


def run(*arguments: str | Path) -> Done:
    """Run a command to its end; its output is text."""
    done = command_line.run(*arguments)
    said, errors = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, said, errors)


class BatchArchive:
    """Six documents of two pages, an endpoint, and an output."""

    def __init__(self, folder: Path, server: ScriptedEndpoint) -> None:
        self.server = server
        self.inputs = make_corpus(folder / "in", 6, 2)
        self.out = folder / "out"

    def batch(self, *arguments: str | Path) -> Done:
        done = run("batch", self.inputs, "--out", self.out, "--url", self.server.url, *arguments)
        assert "Traceback" not in done.stderr
        return done

    @property
    def requests(self) -> int:
        return len(self.server.bodies)
