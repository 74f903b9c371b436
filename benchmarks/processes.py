"""What Linux says of a process and its children: processor time, memory, open files, threads."""

import asyncio
import os
import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# In proc(5)'s order, counted from a process's parent.
_PARENT, _CPU, _THREADS, _RSS = 0, slice(10, 12), 16, 20

SAMPLE_SECONDS = 5.0
WARM_UP = 0.1  # of the time: what is allocated once


@dataclass(frozen=True)
class Process:
    """A process at one moment; `command` is empty for one that has ended and was not waited for."""

    pid: int
    command: str
    threads: int
    files: int
    rss_bytes: int

    @property
    def kind(self) -> str:
        """What it is to `lighton-ocr serve`."""
        if not self.command:
            return "ended"
        if "anyio.to_process" in self.command:
            return "renderers"
        return "engine" if "llama_cpp" in self.command else "server"


def processor_seconds(pid: int) -> tuple[float, float]:
    """Return the processor seconds of a process, and those of its children."""
    ticks = os.sysconf("SC_CLK_TCK")
    children = (_numbers(child) for child in _children(pid))
    return sum(_numbers(pid)[_CPU]) / ticks, sum(sum(row[_CPU]) for row in children) / ticks


def tree(pid: int) -> Iterator[Process]:
    """Give a process and all that it started, directly or not."""
    with suppress(FileNotFoundError, ProcessLookupError):  # it ends meanwhile
        path, row = Path(f"/proc/{pid}"), _numbers(pid)
        command = (path / "cmdline").read_text().replace("\0", " ")
        files = len(list((path / "fd").iterdir())) if command else 0
        yield Process(pid, command, row[_THREADS], files, row[_RSS] * os.sysconf("SC_PAGE_SIZE"))
    for child in _children(pid):
        yield from tree(child)


class Samples:
    """What the processes of `lighton-ocr serve` use, and its folder for temporary files."""

    def __init__(self, pid: int, folder: Path) -> None:
        self._rows: list[Counter[str]] = []
        self._pid, self._folder = pid, folder

    async def watch(self) -> None:
        """Look every few seconds, until cancelled."""
        while True:
            self._rows.append(self.look())
            await asyncio.sleep(SAMPLE_SECONDS)

    def look(self) -> Counter[str]:
        """Return what is used now."""
        row = Counter({"temporary files": len(list(self._folder.rglob("*")))})
        for process in tree(self._pid):
            row[f"{process.kind}: processes"] += 1
            row[f"{process.kind}: MiB"] += process.rss_bytes >> 20
            row[f"{process.kind}: open files"] += process.files
            row[f"{process.kind}: threads"] += process.threads
        return row

    def thirds(self) -> dict[str, dict[str, float]]:
        """Return the medians of the first and the last third after the warm-up, and the most."""
        rows = self._rows[int(len(self._rows) * WARM_UP) :]
        third = max(1, len(rows) // 3)

        def figures(name: str) -> dict[str, float]:
            values = [row[name] for row in rows]
            return {
                "first_third": statistics.median(values[:third]),
                "last_third": statistics.median(values[-third:]),
                "most": max(values),
            }

        return {name: figures(name) for name in sorted({name for row in rows for name in row})}


def _children(pid: int) -> list[int]:
    found = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [each for each in found if (row := _numbers(each)) and row[_PARENT] == pid]


def _numbers(pid: int) -> list[int]:
    """Return the numbers after a process's state; none if it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        text = Path(f"/proc/{pid}/stat").read_text()
        return list(map(int, text.rpartition(")")[2].split()[1:]))
    return []
