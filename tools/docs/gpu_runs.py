"""Tables and the picture of the GPU studies, for docs/PERFORMANCE.md.

    python -m tools.docs.gpu_runs        draws docs/gpu-study.svg

A part exists when its file of results does; `generate.py` takes those that exist. The programs
benchmarks/gpu_study.py, text_study.py and startup_study.py write the files.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tools.docs.table import table

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
PICTURE = ROOT / "docs" / "gpu-study.svg"
LATEST = "gpu-study-h200-api-servers"
_SHOWN = 0.0005

Run = dict[str, Any]


@dataclass(frozen=True)
class Study:
    """What a run's rows are called, since the container's flags changed from run to run.

    `base` is the row that the others are compared with.
    """

    base: str
    names: Mapping[str, str]
    reasons: Mapping[str, str]


FIRST = Study(
    "seed",
    {"seed": "the first deployment's flags", "ours": "the model authors' flags"},
    {"seed": "what this project replaces", "ours": "no caches, the catalog's batch sizes"},
)
SECOND = Study(
    "encoder-uncompiled",
    {
        "encoder-uncompiled": "the model authors' flags",
        "seed": "encoder compiled, with caches",
        "ours": "encoder compiled",
        "grouped": "grouped",
    },
    {
        "encoder-uncompiled": "no caches, the catalog's batch sizes",
        "seed": "the first deployment's 4 GB of caches, 1,024 pages and 8,192 tokens at once",
        "ours": "fewer passes over the encoder's data",
    },
)
THIRD = Study(
    "ours",
    {"ours": "without drafts", "drafted": "drafts"},
    {},
)
FOURTH = Study(
    "seed",
    {
        "seed": "the first deployment's flags",
        "front-ends": "the container's flags",
        "front-ends+drafts-missing": "no text in the files",
        "front-ends+sampled": "the models' own sampling",
        "front-ends+weights-fp8": "fp8 weights",
        "ours": "one API server",
        "ungrouped": "one API server, pages let in as they come",
    },
    {},
)


def parts(results: Path = RESULTS) -> dict[str, Callable[[], str]]:
    """By name, what fills a generated part, for the results that are there."""
    wanted: dict[str, tuple[Callable[..., str], tuple[str, ...]]] = {
        "gpu-study": (partial(configurations, FIRST), ("gpu-study-h200",)),
        "gpu-cards": (partial(configurations, SECOND), ("gpu-study-h200-x4",)),
        "gpu-drafts": (partial(crowds, THIRD), ("gpu-study-h200-drafts",)),
        "gpu-settled": (partial(crowds, FOURTH), (LATEST,)),
        "gpu-profile": (profiles, ("gpu-study-h200", "gpu-study-h200-x4", "gpu-study-h200-drafts")),
        "gpu-texts": (partial(texts, FIRST), ("texts-h200",)),
        "gpu-texts-fp8": (partial(texts, SECOND), ("texts-h200-x4",)),
        "gpu-texts-drafts": (partial(texts, THIRD), ("texts-h200-drafts",)),
        "gpu-starts": (starts, ("startup-h200",)),
        "gpu-starts-kept": (starts, ("startup-h200-x4",)),
    }
    found = {
        part: (show, [results / f"{name}.json" for name in names])
        for part, (show, names) in wanted.items()
    }
    return {
        part: partial(_show, show, files)
        for part, (show, files) in found.items()
        if all(file.exists() for file in files)
    }


def configurations(study: Study, run: Run) -> str:
    """Pages a second of each, slowest first, as a multiple of the study's base."""
    rows = run["rows"]
    first = rows[study.base]["pages_per_s"]
    lines = [
        (
            _name(name, study),
            f"{row['pages_per_s']:.2f}",
            f"{row['pages_per_s'] / first:.2f}",
            f"{row['gpu_use']['utilization.gpu']:.0f}%",
            f"{row['start_s']:.0f} s",
            _reason(name, row, study),
        )
        for name, row in _slowest_first(run)
    ]
    lines += [
        (_name(name, study), *"–" * 4, "did not run")
        for name, row in rows.items()
        if "fault" in row
    ]
    heads = ("configuration", "pages/s", "times as fast", "GPU busy", "up after", "what it tries")
    return table(heads, lines)


def crowds(study: Study, run: Run) -> str:
    """Many pages at once and one alone, slowest first, as multiples of the study's base."""
    base = run["rows"][study.base]
    lines = [
        (
            _name(name, study),
            f"{row['pages_per_s']:.2f}",
            f"{row['pages_per_s'] / base['pages_per_s']:.2f}",
            f"{row['gpu_use']['utilization.gpu']:.0f}%",
            f"{row['server']['running']:.0f}",
            f"{row['server']['kv_usage']:.0%}",
            f"{row['alone']['seconds_a_page']:.2f} s",
            f"{base['alone']['seconds_a_page'] / row['alone']['seconds_a_page']:.2f}",
        )
        for name, row in _slowest_first(run)
    ]
    heads = ("256 pages in flight", "pages/s", "times as fast", "GPU busy", "let in", "cache full")
    return table((*heads, "a page alone", "times as fast"), lines)


def profiles(*runs: Run) -> str:
    """Shares of the GPU's time, by part of the work and kind of kernel."""
    found = {
        _name(name, study): _shares(summary)
        for study, run in zip((FIRST, SECOND, THIRD), runs, strict=False)
        for name, row in run["rows"].items()
        for summary in row.get("profile", [])
        if "milliseconds" in summary
    }
    groups = {
        group: None
        for shares in found.values()
        for group, share in shares.items()
        if share >= _SHOWN
    }
    lines = [
        (group, *(f"{shares.get(group, 0):.1%}" for shares in found.values())) for group in groups
    ]
    return table(("", *found), lines)


def texts(study: Study, run: Run) -> str:
    """How far each changes what is read."""
    lines = [
        (
            _name(name, study),
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


def draw(study: Study, run: Run, path: Path) -> None:
    """A bar for each configuration, the slowest on top."""
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    rcParams["svg.hashsalt"] = "gpu-study"  # the same picture from the same run
    rows = _slowest_first(run)
    figure = Figure(figsize=(9, 1 + 0.32 * len(rows)), layout="constrained")
    axes = figure.subplots()
    names = [_name(name, study) for name, _ in rows]
    bars = axes.barh(names, [row["pages_per_s"] for _, row in rows], color="#4c78a8")
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.axvline(run["rows"][study.base]["pages_per_s"], color="gray", linestyle="--")
    axes.invert_yaxis()
    axes.set_xlabel(f"pages a second on one {run['gpu']}")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


def _show(show: Callable[..., str], files: list[Path]) -> str:
    return show(*(json.loads(file.read_text("utf-8")) for file in files))


def _slowest_first(run: Run) -> list[tuple[str, Run]]:
    """The rows with a speed."""
    read = [(name, row) for name, row in run["rows"].items() if "pages_per_s" in row]
    return sorted(read, key=lambda item: item[1]["pages_per_s"])


def _name(name: str, study: Study) -> str:
    chosen, comma, addition = name.partition(",")
    return study.names.get(chosen, chosen.replace("+", " + ")) + comma + addition


def _reason(name: str, row: Run, study: Study) -> str:
    chosen = name.partition(",")[0]
    return "together" if "+" in chosen else study.reasons.get(chosen, row["why"])


def _shares(summary: Run) -> dict[str, float]:
    idle = {f"waiting for {part}": ms for part, ms in summary["idle_ms"].items()}
    both = summary["milliseconds"] | idle
    return {group: ms / sum(both.values()) for group, ms in both.items()}


if __name__ == "__main__":
    draw(FOURTH, json.loads((RESULTS / f"{LATEST}.json").read_text("utf-8")), PICTURE)
