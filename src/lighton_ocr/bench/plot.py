"""A plot of a sweep: throughput and latency over load."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lighton_ocr.bench.level import Level, Spread
from lighton_ocr.bench.report import SpeedReport
from lighton_ocr.errors import OutputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(report: SpeedReport, path: Path) -> None:
    """Write a PNG, 1600 x 720 pixels; levels without an answer are left out.

    Raises:
        OutputError: the file cannot be written.
    """
    from matplotlib.figure import Figure  # half a second that other commands and errors do without

    levels = sorted((level for level in report.levels if level.latency), key=lambda at: at.load)
    figure = Figure(figsize=(10, 4.5), dpi=160, layout="constrained")
    speed, waiting = figure.subplots(1, 2)
    _draw_speed(speed, levels, report.knee)
    _draw_latency(waiting, levels)
    unit = "requests in flight" if report.loop == "closed" else "pages arriving per second"
    for axes in (speed, waiting):
        axes.set_xscale("log", base=2)
        axes.set_xticks([level.load for level in levels], [f"{level.load:g}" for level in levels])
        axes.minorticks_off()
        axes.set_xlabel(unit)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    gpu = f" on {report.setup.gpu.name}" if report.setup.gpu else ""
    figure.suptitle(f"{report.setup.endpoint.model.id}{gpu}")
    try:
        figure.savefig(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def _draw_speed(axes: "Axes", levels: list[Level], knee: Level | None) -> None:
    axes.plot([level.load for level in levels], [level.pages_per_s for level in levels], marker="o")
    axes.set_ylabel("pages per second")
    if knee:
        axes.axvline(knee.load, linestyle="--", color="gray")
        axes.set_title(f"knee: {knee.load:g}, {knee.pages_per_s:.2f} pages/s", fontsize="medium")


def _draw_latency(axes: "Axes", levels: list[Level]) -> None:
    curves: dict[str, Callable[[Spread], float]] = {
        "p50": lambda spread: spread.p50,
        "p95": lambda spread: spread.p95,
        "p99": lambda spread: spread.p99,
    }
    loads = [level.load for level in levels]
    for name, of in curves.items():
        axes.plot(loads, [of(level.latency) for level in levels if level.latency], label=name)
    first = [(level.load, level.first_token.p50) for level in levels if level.first_token]
    axes.plot(*zip(*first, strict=True), linestyle=":", label="first token, p50") if first else None
    axes.set_ylabel("seconds")
    axes.legend()
