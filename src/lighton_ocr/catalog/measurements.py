"""Speeds that somebody measured, on which GPU and how."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Measurement:
    """One measured throughput, in pages a second.

    `tokens` are those of a page's answer and `parallel` the requests in flight, both None where
    nobody says. The planner takes its efficiency from the run that `calibrates`; one with `drafts`
    wrote several tokens a step.
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
    """All of them, the calibrating one first."""
    text = resources.files(__package__).joinpath("measurements.toml").read_text("utf-8")
    return tuple(Measurement(**row) for row in tomllib.loads(text)["measurement"])


def calibration() -> Measurement:
    """The run that the planner's efficiency comes from."""
    return next(run for run in measurements() if run.calibrates)
