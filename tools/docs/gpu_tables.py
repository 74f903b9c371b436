"""Tables of the GPU studies, for docs/PERFORMANCE.md and benchmarks/LOG.md.

A table exists if its result files do. benchmarks/gpu_study.py, text_study.py and startup_study.py
write those files.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tools.docs.gpu_encoder import kernels, releases
from tools.docs.gpu_studies import (
    API_SERVERS,
    COMMON,
    CONTAINER,
    DRAFTS,
    FOUR_GPUS,
    ONE_GPU,
    Study,
)
from tools.docs.table import table

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
LATEST = "gpu-study-h200-api-servers"
_SMALLEST_SHARE = 0.0005

Run = dict[str, Any]
Table = Callable[..., str]

# What a user can expect, out of that study.
_EXPECTED = {
    "seed": COMMON,
    "front-ends+drafts-missing": f"{CONTAINER}, scans",
    "front-ends": f"{CONTAINER}, PDFs with text",
}
_IN_FP8 = {
    "ours": "nothing (the container)",
    "encoder-fp8": "the encoder's weights",
    "decoder-fp8": "the decoder's weights",
    "weights-fp8": "both",
    "weights-fp8+kv-fp8": "both, and the KV cache",
}
_FORKED = {"kernels-kept": "engine as a new process", "forked": "engine forked"}
_STARTS = {
    "cold": "nothing cached",
    "kernels-kept": "cached",
    "fast-boot": "`FAST_BOOT=1`",
    "kernels-kept, without FlashInfer": "cached, no FlashInfer",
    "fast-boot, without FlashInfer": "`FAST_BOOT=1`, no FlashInfer",
}
# The profile's names for a step of the engine, as its readers call them.
_STEPS = {"decoder alone": "decode-only steps", "decoder with new pages": "steps with new pages"}


def tables(results: Path = RESULTS) -> dict[str, Callable[[], str]]:
    """Return the function that writes each table, by name, for the results that exist."""
    sources: dict[str, tuple[Table, tuple[str, ...]]] = {
        "gpu-expected": (expected, (LATEST,)),
        "gpu-study": (partial(speeds, ONE_GPU), ("gpu-study-h200",)),
        "gpu-cards": (partial(speeds, FOUR_GPUS), ("gpu-study-h200-x4",)),
        "gpu-drafts": (partial(loads, DRAFTS), ("gpu-study-h200-drafts",)),
        "gpu-settled": (partial(loads, API_SERVERS), (LATEST,)),
        "gpu-profile": (profiles, ("gpu-study-h200", "gpu-study-h200-x4", "gpu-study-h200-drafts")),
        "gpu-texts": (partial(texts, ONE_GPU), ("texts-h200",)),
        "gpu-texts-fp8": (partial(texts, FOUR_GPUS), ("texts-h200-x4",)),
        "gpu-texts-drafts": (partial(texts, DRAFTS), ("texts-h200-drafts",)),
        "gpu-fp8": (fp8, ("gpu-study-h200-fp8", "texts-h200-fp8")),
        "gpu-first-page": (first_page, ("startup-h200-flashinfer", "startup-h200-forked")),
        "gpu-fp8-loads": (by_latency, ("gpu-study-h200-fp8",)),
        "gpu-kernels": (kernels, ("encoder-kernels-h200",)),
        "gpu-releases": (releases, ("gpu-study-h200-budgets", "gpu-study-h200-vllm-0.33")),
        "gpu-start-steps": (partial(start_steps, _FORKED), ("startup-h200-forked",)),
        "gpu-start-flashinfer": (partial(start_steps, _STARTS), ("startup-h200-flashinfer",)),
        "gpu-starts": (starts, ("startup-h200",)),
        "gpu-starts-cached": (starts, ("startup-h200-x4",)),
    }
    files = {
        name: (write, [results / f"{source}.json" for source in names])
        for name, (write, names) in sources.items()
    }
    return {
        name: partial(_from_files, write, paths)
        for name, (write, paths) in files.items()
        if all(path.exists() for path in paths)
    }


def expected(run: Run) -> str:
    """Throughput and latency with the flags that a user may have."""
    base = run["rows"]["seed"]["pages_per_s"]
    rows = [
        (
            name,
            f"{row['pages_per_s']:.2f}",
            f"{row['pages_per_s'] / base:.2f}x",
            f"{row['alone']['seconds_a_page']:.2f} s",
        )
        for key, name in _EXPECTED.items()
        for row in [run["rows"][key]]
    ]
    return table(("one H200", "pages/s, 256 in flight", "speed-up", "one page alone"), rows)


def speeds(study: Study, run: Run) -> str:
    """Pages/s of each configuration, slowest first, and its speed-up over the study's base."""
    base = run["rows"][study.base]["pages_per_s"]
    rows = [
        (
            study.name(name),
            f"{row['pages_per_s']:.2f}",
            f"{row['pages_per_s'] / base:.2f}x",
            f"{row['gpu_use']['utilization.gpu']:.0f}%",
            f"{row['start_s']:.0f} s",
            study.purpose(name, row),
        )
        for name, row in slowest_first(run)
    ]
    rows += [
        (study.name(name), *"–" * 4, "did not run")
        for name, row in run["rows"].items()
        if "fault" in row
    ]
    return table(
        ("configuration", "pages/s", "speed-up", "GPU busy", "start-up", "what it changes"), rows
    )


def loads(study: Study, run: Run) -> str:
    """Many pages at once and one alone, slowest first, and the speed-up over the study's base."""
    base = run["rows"][study.base]
    rows = [
        (
            study.name(name),
            f"{row['pages_per_s']:.2f}",
            f"{row['pages_per_s'] / base['pages_per_s']:.2f}x",
            f"{row['gpu_use']['utilization.gpu']:.0f}%",
            f"{row['server']['running']:.0f}",
            f"{row['server']['kv_usage']:.0%}",
            f"{row['alone']['seconds_a_page']:.2f} s",
            f"{base['alone']['seconds_a_page'] / row['alone']['seconds_a_page']:.2f}x",
        )
        for name, row in slowest_first(run)
    ]
    heads = ("256 pages in flight", "pages/s", "speed-up", "GPU busy", "admitted", "KV cache used")
    return table((*heads, "one page alone", "speed-up"), rows)


def profiles(*runs: Run) -> str:
    """Shares of the GPU's time, by part of the work and kind of kernel."""
    shares = {
        study.name(name): _shares(summary)
        for study, run in zip((ONE_GPU, FOUR_GPUS, DRAFTS), runs, strict=False)
        for name, row in run["rows"].items()
        for summary in row.get("profile", [])
        if "milliseconds" in summary
    }
    groups = {
        group: None
        for found in shares.values()
        for group, share in found.items()
        if share >= _SMALLEST_SHARE
    }
    rows = [
        (group, *(f"{found.get(group, 0):.1%}" for found in shares.values())) for group in groups
    ]
    return table(("", *shares), rows)


def texts(study: Study, run: Run) -> str:
    """How far each configuration's text differs from the first reading."""
    rows = [
        (
            study.name(name),
            f"{row['pages']}",
            f"{row['the_same']}",
            f"{row['characters_changed']:.2%}",
            f"{row['pages_changed_by_more_than_a_tenth']}",
        )
        for name, row in run["rows"].items()
    ]
    heads = ("configuration", "pages", "identical", "characters changed", "more than 10 % changed")
    return table(heads, rows)


def fp8(load: Run, read: Run) -> str:
    """Speed and texts of each choice of what is in fp8; texts were read twice."""
    base = load["rows"]["ours"]["pages_per_s"]
    rows = []
    for key, name in _IN_FP8.items():
        if f"{key}+half" not in read["rows"]:
            continue
        speed, once = load["rows"][key]["pages_per_s"], read["rows"][f"{key}+half"]
        again = read["rows"][f"{key}+half, again"]
        f1 = " and ".join(f"{row['word_f1']:.4f}" for row in (once, again))
        rows.append((name, f"{speed:.2f}", f"{speed / base:.2f}x", f1, str(again["the_same"])))
    pages = read["rows"]["ours+half"]["pages"]
    heads = ("in fp8", "pages/s", "speed-up", "word F1, read twice", f"identical, of {pages}")
    return table(heads, rows)


def starts(run: Run) -> str:
    """Seconds from a start, and from a wake-up, until the first page is read."""
    measured = [row for row in run["rows"].values() if "first_page_s" in row]
    rows = [(row["why"], f"{row['first_page_s']:.0f} s") for row in measured]
    for row in measured:
        if "wake_s" in row:
            woken = row["wake_s"] + row["page_after_wake_s"]
            rows.append(("woken from sleep", f"{woken:.1f} s"))
    return table(("start", "first page after"), rows)


def first_page(starts: Run, slept: Run) -> str:
    """Seconds until the first page with the container's flags, by what is cached."""
    rows, sleeping = starts["rows"], slept["rows"]["sleeping"]
    seconds = {
        "nothing cached": rows["cold"]["first_page_s"],
        "compiled code and Triton's kernels cached": rows["kernels-kept"]["first_page_s"],
        "`FAST_BOOT=1`": rows["fast-boot"]["first_page_s"],
    }
    cells = [(start, f"{value:.0f} s") for start, value in seconds.items()]
    woken = sleeping["wake_s"] + sleeping["page_after_wake_s"]
    cells.append(("woken from sleep, as with `SNAPSHOT=1`", f"{woken:.1f} s"))
    return table(("start", "first page after"), cells)


def start_steps(names: Mapping[str, str], run: Run) -> str:
    """Seconds until each step of a start was over, for the rows that `names` names."""
    starts = [run["rows"][key] for key in names]
    reached = [row["milestones_s"] | {"first page read": row["first_page_s"]} for row in starts]
    steps = sorted(reached[0], key=lambda step: float(reached[0][step]))
    rows = [
        (step, *(f"{seconds[step]:.0f} s" if step in seconds else "–" for seconds in reached))
        for step in steps
    ]
    return table(("", *names.values()), rows)


def by_latency(run: Run) -> str:
    """Pages/s in the measured window and by mean latency, slowest first."""
    base = run["rows"]["ours"]["pages_per_s_by_latency"]
    rows = [
        (
            _IN_FP8[name],
            f"{row['pages_per_s']:.2f}",
            f"{row['pages_per_s_by_latency']:.2f}",
            f"{row['pages_per_s_by_latency'] / base:.2f}x",
            f"{row['latency']['p50']:.1f} s",
        )
        for name, row in slowest_first(run)
    ]
    heads = ("in fp8", "pages/s", "by latency", "speed-up by latency", "median latency")
    return table(heads, rows)


def slowest_first(run: Run) -> list[tuple[str, Run]]:
    """Return the rows that have a speed."""
    measured = [(name, row) for name, row in run["rows"].items() if "pages_per_s" in row]
    return sorted(measured, key=lambda item: item[1]["pages_per_s"])


def _shares(summary: Run) -> dict[str, float]:
    idle = {f"idle before: {_step(part)}": ms for part, ms in summary["idle_ms"].items()}
    busy = {}
    for group, ms in summary["milliseconds"].items():
        part, _, kind = group.partition(": ")
        busy[f"{_step(part)}: {kind}"] = ms
    total = sum((busy | idle).values())
    return {group: ms / total for group, ms in (busy | idle).items()}


def _step(part: str) -> str:
    return _STEPS.get(part, part)


def _from_files(write: Table, files: list[Path]) -> str:
    return write(*(json.loads(file.read_text("utf-8")) for file in files))
