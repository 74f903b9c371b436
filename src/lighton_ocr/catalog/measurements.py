"""Measured throughput: how many pages per second were read, on which GPU and how."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Measurement:
    """One measured throughput, in pages per second.

    `tokens` is the mean length of an answer and `parallel` the number of requests in flight, both
    None if the source does not say. The planner takes its efficiency from the run that
    `calibrates`. With `drafts`, pages were sent with draft tokens.
    """

    model: str
    gpu: str
    pages_per_s: float
    software: str
    date: str
    source: str
    tokens: int | None = None
    parallel: int | None = None
    calibrates: bool = False
    drafts: bool = False


@cache
def measurements() -> tuple[Measurement, ...]:
    """Return all measurements in the order of the file."""
    text = resources.files(__package__).joinpath("measurements.toml").read_text("utf-8")
    return tuple(Measurement(**row) for row in tomllib.loads(text)["measurement"])


def calibration() -> Measurement:
    """Return the run that the planner takes its efficiency from."""
    return next(run for run in measurements() if run.calibrates)
