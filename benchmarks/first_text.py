"""How long a new user waits: `make ocr` in a fresh clone until the first text, and `--help`.

    python benchmarks/first_text.py > benchmarks/results/first-text.json

Clones this repository, runs `make ocr` in a terminal, and records when each text appears. Packages
come from the package manager's cache if they are there. Then times `lighton-ocr --help` in that
clone, and for comparison a Python that imports nothing.
"""

import json
import os
import platform
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
# The text that marks the end of each step.
MARKERS = {
    "virtual environment begun": b"Installing into",
    "packages installed": b"Reading with the small",
    "first text": b"Harbour",
    "page read": b"Keeper of Photographs",
}
HELP_RUNS = 15


def watch(command: list[str], folder: Path) -> dict[str, float]:
    """Return the seconds from the start until each marker was on the screen."""
    ours, theirs = pty.openpty()
    start = time.monotonic()
    seen: dict[str, float] = {}
    with subprocess.Popen(command, cwd=folder, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        screen = b""
        while process.poll() is None or len(seen) < len(MARKERS):
            try:
                screen += os.read(ours, 4096)
            except OSError:  # the other end of the terminal is closed
                break
            for name, marker in MARKERS.items():
                if name not in seen and marker in screen:
                    seen[name] = round(time.monotonic() - start, 1)
    os.close(ours)
    assert len(seen) == len(MARKERS), screen.decode(errors="replace")
    return seen


def seconds(command: list[str | Path]) -> float:
    """Return the median of some runs, after one that compiles the modules."""

    def once() -> float:
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - start

    once()
    return round(statistics.median(once() for _ in range(HELP_RUNS)), 3)


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        clone = Path(scratch) / "lighton-ocr"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        first = watch(["make", "ocr"], clone)
        bin = clone / ".venv" / "bin"
        report = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "command": "python benchmarks/first_text.py",
            "machine": f"{platform.machine()}, {os.cpu_count()} threads, {platform.system()}",
            "python": platform.python_version(),
            "seconds_until": first,
            "help_seconds": seconds([bin / "lighton-ocr", "--help"]),
            "bare_python_seconds": seconds([bin / "python", "-c", ""]),
        }
    json.dump(report, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
