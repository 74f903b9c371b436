"""Tables and the picture of the GPU studies, for docs/PERFORMANCE.md.

    python -m docs.gpu_runs        draws docs/gpu-study.svg

A part exists when its file of results does; `generate.py` takes those that exist. The programs
benchmarks/gpu_study.py, text_study.py and startup_study.py write the files.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from docs.table import table

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PICTURE = ROOT / "docs" / "gpu-study.svg"
FIRST = "seed"
# When `ours` was measured, the container did not yet compile the encoder.
NAMES = {FIRST: "the first deployment's flags", "ours": "the model authors' flags"}
REASONS = {FIRST: "what this project replaces", "ours": "no caches, the catalog's batch sizes"}
_SHOWN_MS = 0.05

Run = dict[str, Any]


def parts(results: Path = RESULTS) -> dict[str, Callable[[], str]]:
    """By name, what fills a generated part, for the results that are there."""
    wanted = {
        "gpu-study": ("gpu-study-h200", configurations),
        "gpu-profile": ("gpu-study-h200", profiles),
        "gpu-texts": ("texts-h200", texts),
        "gpu-starts": ("startup-h200", starts),
    }
    files = {part: (results / f"{name}.json", show) for part, (name, show) in wanted.items()}
    return {
        part: partial(_show, show, file) for part, (file, show) in files.items() if file.exists()
    }


def configurations(run: Run) -> str:
    """Pages a second of each, as a multiple of the first deployment's in the same run."""
    rows = run["rows"]
    first = rows[FIRST]["pages_per_s"]
    lines = [
        (
            _name(name),
            f"{row['pages_per_s']:.2f}",
            f"{row['pages_per_s'] / first:.2f}",
            f"{row['start_s']:.0f} s",
            "together" if "+" in name else REASONS.get(name, row["why"]),
        )
        for name, row in rows.items()
        if "pages_per_s" in row
    ]
    lines += [
        (_name(name), "–", "–", "–", "did not run") for name, row in rows.items() if "fault" in row
    ]
    return table(("configuration", "pages/s", "times as fast", "up after", "what it tries"), lines)


def profiles(run: Run) -> str:
    """Milliseconds of GPU time a page, by part of the work and kind of kernel."""
    found = {
        name: summary
        for name, row in run["rows"].items()
        for summary in row.get("profile", [])
        if summary.get("pages")
    }
    groups = {
        group: None
        for summary in found.values()
        for group, milliseconds in _groups(summary).items()
        if milliseconds >= _SHOWN_MS
    }
    lines = [
        (group, *(_milliseconds(_groups(summary).get(group)) for summary in found.values()))
        for group in groups
    ]
    totals = [sum(_groups(summary).values()) for summary in found.values()]
    return table(("", *map(_name, found)), [*lines, ("**sum**", *map(_milliseconds, totals))])


def texts(run: Run) -> str:
    """How far each changes what is read."""
    lines = [
        (
            _name(name),
            f"{row['pages']}",
            f"{row['the_same']}",
            f"{row['characters_changed']:.2%}",
            f"{row['pages_changed_by_more_than_a_tenth']}",
        )
        for name, row in run["rows"].items()
    ]
    heads = ("configuration", "pages", "the same", "characters changed", "pages changed by 10 %")
    return table(heads, lines)


def starts(run: Run) -> str:
    """Seconds until a first page, and of waking."""
    rows = [row for row in run["rows"].values() if "first_page_s" in row]
    lines = [(row["why"], f"{row['first_page_s']:.0f} s") for row in rows]
    for row in rows:
        if "wake_s" in row:
            woken = row["wake_s"] + row["page_after_wake_s"]
            lines.append(("from asleep to a first page", f"{woken:.1f} s"))
    return table(("start", "first page after"), lines)


def draw(run: Run, path: Path) -> None:
    """A bar for each configuration, in the order in which they ran."""
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    rcParams["svg.hashsalt"] = "gpu-study"  # the same picture from the same run
    rows = {name: row for name, row in run["rows"].items() if "pages_per_s" in row}
    figure = Figure(figsize=(8, 1 + 0.35 * len(rows)), layout="constrained")
    axes = figure.subplots()
    speeds = [row["pages_per_s"] for row in rows.values()]
    bars = axes.barh([_name(name) for name in rows], speeds, color="#4c78a8")
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.axvline(rows[FIRST]["pages_per_s"], color="gray", linestyle="--")
    axes.invert_yaxis()
    axes.set_xlabel(f"pages a second on one {run['gpu']}")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


def _show(show: Callable[[Run], str], file: Path) -> str:
    return show(json.loads(file.read_text("utf-8")))


def _name(name: str) -> str:
    chosen, comma, addition = name.partition(",")
    return NAMES.get(chosen, chosen.replace("+", " + ")) + comma + addition


def _groups(summary: Run) -> dict[str, float]:
    idle = {f"waiting for {part}": ms for part, ms in summary["idle_ms"].items()}
    both = summary["milliseconds"] | idle
    return {group: ms / summary["pages"] for group, ms in both.items()}


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    draw(json.loads((RESULTS / "gpu-study-h200.json").read_text("utf-8")), PICTURE)
