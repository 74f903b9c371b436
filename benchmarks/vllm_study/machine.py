"""Use of the machine under load: the GPU from nvidia-smi, processes from /proc."""

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
_MIN_CORES = 0.05  # of a core


@dataclass(frozen=True)
class Reading:
    """The GPU's values, and processor seconds by process, at a time of `perf_counter`."""

    at: float
    gpu: tuple[float, ...]
    processors: dict[str, float]


class MachineWatch:
    """Takes a reading every second inside `with`."""

    def __init__(self) -> None:
        self._readings: list[Reading] = []
        self._done = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def between(self, start: float, end: float) -> dict[str, Any]:
        """Return means of the GPU's values, and the cores used by each process, in that time."""
        readings = [reading for reading in self._readings if start <= reading.at <= end]
        gpus = [reading.gpu for reading in readings if reading.gpu]
        means = [round(fmean(values), 1) for values in zip(*gpus, strict=True)]
        return {
            "gpu_use": dict(zip(_GPU, means, strict=True)) if gpus else None,
            "cores": _cores(readings[0], readings[-1]) if len(readings) > 1 else None,
        }

    def _watch(self) -> None:
        while not self._done.wait(EVERY_S):
            self._readings.append(Reading(time.perf_counter(), _gpu(), _processors()))


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
    """Seconds by name and number of each process, with all its threads."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
            fields = rest.split()
        except OSError:
            continue  # the process has just ended
        found[f"{name} {stat.parent.name}"] = (int(fields[11]) + int(fields[12])) / _TICKS
    return found


def _cores(first: Reading, last: Reading) -> dict[str, float]:
    spent = {
        name: (seconds - first.processors.get(name, 0.0)) / (last.at - first.at)
        for name, seconds in last.processors.items()
    }
    return {
        name: round(cores, 2)
        for name, cores in sorted(spent.items(), key=lambda item: -item[1])
        if cores > _MIN_CORES
    }
