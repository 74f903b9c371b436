"""What the machine does while a load is on: the GPU by nvidia-smi, the processes by /proc."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from threading import Event, Thread
from typing import Any, Self

EVERY_S = 1.0
_GPU = ("utilization.gpu", "power.draw", "clocks.sm", "memory.used")
_TICKS = os.sysconf("SC_CLK_TCK")
_WORTH_NAMING = 0.05  # of a core


@dataclass(frozen=True)
class Look:
    """One reading at a time of `perf_counter`: the GPU's values, processor seconds by process."""

    at: float
    gpu: tuple[float, ...]
    processors: dict[str, float]


class MachineWatch:
    """Looks every second inside `with`."""

    def __init__(self) -> None:
        self._looks: list[Look] = []
        self._enough = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def between(self, start: float, end: float) -> dict[str, Any]:
        """Means of the GPU's values, and cores in use by name of process, in that time."""
        looks = [look for look in self._looks if start <= look.at <= end]
        gpus = [look.gpu for look in looks if look.gpu]
        means = [round(fmean(values), 1) for values in zip(*gpus, strict=True)]
        return {
            "gpu_use": dict(zip(_GPU, means, strict=True)) if gpus else None,
            "cores": _cores(looks[0], looks[-1]) if len(looks) > 1 else None,
        }

    def _watch(self) -> None:
        while not self._enough.wait(EVERY_S):
            self._looks.append(Look(time.perf_counter(), _gpu(), _processors()))


def _gpu() -> tuple[float, ...]:
    if not (program := shutil.which("nvidia-smi")):
        return ()
    command = [program, f"--query-gpu={','.join(_GPU)}", "--format=csv,noheader,nounits"]
    if visible := os.environ.get("CUDA_VISIBLE_DEVICES"):
        command.append(f"--id={visible}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return tuple(float(value) for value in done.stdout.splitlines()[0].split(","))
    except (ValueError, IndexError):
        return ()


def _processors() -> dict[str, float]:
    """Seconds by name and number of each process; threads carry their process's time."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
            fields = rest.split()
        except OSError:
            continue  # it has just ended
        found[f"{name} {stat.parent.name}"] = (int(fields[11]) + int(fields[12])) / _TICKS
    return found


def _cores(first: Look, last: Look) -> dict[str, float]:
    spent = {
        name: (seconds - first.processors.get(name, 0.0)) / (last.at - first.at)
        for name, seconds in last.processors.items()
    }
    return {
        name: round(cores, 2)
        for name, cores in sorted(spent.items(), key=lambda item: -item[1])
        if cores > _WORTH_NAMING
    }
