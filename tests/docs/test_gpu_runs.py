"""Tables and picture of the GPU studies, from reports such as their programs write."""

import json
from pathlib import Path
from typing import Any

from docs import gpu_runs

Run = dict[str, Any]

PROFILE = {
    "pages": 4,
    "milliseconds": {
        "encoder: attention": 64.0,
        "decoder alone: matrix": 20.0,
        "encoder: copy": 0.1,
    },
    "idle_ms": {"decoder alone": 6.0},
}
STUDY = {
    "gpu": "H200",
    "rows": {
        "seed": {"why": "the first", "pages_per_s": 12.0, "start_s": 100.4},
        "ours": {"why": "as it is", "pages_per_s": 12.6, "start_s": 80.0, "profile": [PROFILE]},
        "kv-fp8+few-graphs": {"why": "a; b", "pages_per_s": 18.0, "start_s": 61.5},
        "weights-fp8": {"why": "matrices", "fault": "vLLM ended"},
    },
}
TEXTS = {
    "rows": {
        "ours": {
            "pages": 374,
            "the_same": 374,
            "characters_changed": 0.0,
            "pages_changed_by_more_than_a_tenth": 0,
        },
        "kv-fp8, again": {
            "pages": 374,
            "the_same": 201,
            "characters_changed": 0.0123,
            "pages_changed_by_more_than_a_tenth": 9,
        },
    }
}
STARTS = {
    "rows": {
        "cold": {"why": "nothing cached", "first_page_s": 101.2},
        "sleeping": {
            "why": "SNAPSHOT=1",
            "first_page_s": 71.0,
            "sleep_s": 2.0,
            "wake_s": 0.62,
            "page_after_wake_s": 0.4,
        },
        "fast-boot": {"why": "FAST_BOOT=1", "fault": "x"},
    }
}


def keep(folder: Path, name: str, run: Run) -> None:
    (folder / f"{name}.json").write_text(json.dumps(run))


def lines(part: str) -> list[str]:
    return part.strip().splitlines()[2:]


def test_a_part_is_there_when_its_results_are(tmp_path: Path) -> None:
    assert gpu_runs.parts(tmp_path) == {}
    keep(tmp_path, "startup-h200", STARTS)
    assert list(gpu_runs.parts(tmp_path)) == ["gpu-starts"]
    keep(tmp_path, "gpu-study-h200", STUDY)
    keep(tmp_path, "texts-h200", TEXTS)
    parts = gpu_runs.parts(tmp_path)
    assert list(parts) == ["gpu-study", "gpu-profile", "gpu-texts", "gpu-starts"]
    assert all(part().startswith("\n| ") for part in parts.values())


def test_configurations_are_compared_with_the_first_deployment() -> None:
    assert lines(gpu_runs.configurations(STUDY)) == [
        "| the first deployment's flags | 12.00 | 1.00 | 100 s | what this project replaces |",
        "| the model authors' flags | 12.60 | 1.05 | 80 s | no caches, the catalog's batch sizes |",
        "| kv-fp8 + few-graphs | 18.00 | 1.50 | 62 s | together |",
        "| weights-fp8 | – | – | – | did not run |",
    ]


def test_a_profile_is_milliseconds_a_page() -> None:
    assert gpu_runs.profiles(STUDY).strip().splitlines() == [
        "|  | the model authors' flags |",
        "| --- | --- |",
        "| encoder: attention | 16.0 |",
        "| decoder alone: matrix | 5.0 |",
        "| waiting for decoder alone | 1.5 |",
        "| **sum** | 22.5 |",
    ]


def test_texts_and_starts() -> None:
    assert lines(gpu_runs.texts(TEXTS)) == [
        "| the model authors' flags | 374 | 374 | 0.00% | 0 |",
        "| kv-fp8, again | 374 | 201 | 1.23% | 9 |",
    ]
    assert lines(gpu_runs.starts(STARTS)) == [
        "| nothing cached | 101 s |",
        "| SNAPSHOT=1 | 71 s |",
        "| from asleep to a first page | 1.0 s |",
    ]


def test_the_picture_is_the_same_for_the_same_run(tmp_path: Path) -> None:
    for name in ("first.svg", "second.svg"):
        gpu_runs.draw(STUDY, tmp_path / name)
    drawn = (tmp_path / "first.svg").read_text()
    assert drawn == (tmp_path / "second.svg").read_text()
    assert drawn.startswith("<?xml")
