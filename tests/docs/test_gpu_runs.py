"""Tables and picture of the GPU studies, from reports such as their programs write."""

import json
from pathlib import Path
from typing import Any

import pytest
from tools.docs import gpu_runs

Run = dict[str, Any]

PROFILE = {
    "milliseconds": {
        "encoder: attention": 64.0,
        "decoder alone: matrix": 19.99,
        "encoder: copy": 0.01,
    },
    "idle_ms": {"decoder alone": 16.0},
}
BUSY = {"gpu_use": {"utilization.gpu": 97.4}}
STUDY = {
    "gpu": "H200",
    "rows": {
        "seed": BUSY | {"why": "the first", "pages_per_s": 12.0, "start_s": 100.4},
        "kv-fp8+few-graphs": BUSY | {"why": "a; b", "pages_per_s": 18.0, "start_s": 61.5},
        "ours": BUSY | {"why": "as it is", "pages_per_s": 12.6, "start_s": 80.0},
        "blocks-128": BUSY | {"why": "fewer entries", "pages_per_s": 12.5, "start_s": 81.0},
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


CARDS = {
    "gpu": "H200",
    "rows": {
        "ours": BUSY | {"why": "as it is", "pages_per_s": 13.0, "start_s": 80.0},
        "ours, on card 1": BUSY | {"why": "as it is", "pages_per_s": 12.9, "start_s": 80.0},
        "encoder-uncompiled": BUSY
        | {"why": "passes", "pages_per_s": 10.0, "start_s": 70.0, "profile": [PROFILE]},
    },
}


DRAFTS = {
    "gpu": "H200",
    "rows": {
        "drafts": BUSY
        | {
            "pages_per_s": 18.0,
            "server": {"running": 196.4, "kv_usage": 0.42},
            "alone": {"seconds_a_page": 0.5},
        },
        "ours": BUSY
        | {
            "pages_per_s": 12.0,
            "server": {"running": 246.6, "kv_usage": 0.54},
            "alone": {"seconds_a_page": 1.25},
        },
    },
}


def test_a_part_is_there_when_its_results_are(tmp_path: Path) -> None:
    assert gpu_runs.parts(tmp_path) == {}
    keep(tmp_path, "startup-h200", STARTS)
    assert list(gpu_runs.parts(tmp_path)) == ["gpu-starts"]
    keep(tmp_path, "gpu-study-h200", STUDY)
    keep(tmp_path, "texts-h200", TEXTS)
    parts = gpu_runs.parts(tmp_path)
    assert list(parts) == ["gpu-study", "gpu-texts", "gpu-starts"]
    keep(tmp_path, "gpu-study-h200-x4", CARDS)
    keep(tmp_path, "gpu-study-h200-drafts", DRAFTS)
    parts = gpu_runs.parts(tmp_path)
    assert list(parts) == [
        *("gpu-study", "gpu-cards", "gpu-drafts", "gpu-profile", "gpu-texts", "gpu-starts")
    ]
    assert all(part().startswith("\n| ") for part in parts.values())


def test_drafts_are_compared_with_none_for_many_pages_and_for_one() -> None:
    assert lines(gpu_runs.crowds(gpu_runs.THIRD, DRAFTS)) == [
        "| without drafts | 12.00 | 1.00 | 97% | 247 | 54% | 1.25 s | 1.00 |",
        "| drafts | 18.00 | 1.50 | 97% | 196 | 42% | 0.50 s | 2.50 |",
    ]


def test_configurations_are_compared_with_the_base_slowest_first() -> None:
    assert lines(gpu_runs.configurations(gpu_runs.FIRST, STUDY)) == [
        "| the first deployment's flags | 12.00 | 1.00 | 97% | 100 s "
        "| what this project replaces |",
        "| blocks-128 | 12.50 | 1.04 | 97% | 81 s | fewer entries |",
        "| the model authors' flags | 12.60 | 1.05 | 97% | 80 s "
        "| no caches, the catalog's batch sizes |",
        "| kv-fp8 + few-graphs | 18.00 | 1.50 | 97% | 62 s | together |",
        "| weights-fp8 | – | – | – | – | did not run |",
    ]
    assert lines(gpu_runs.configurations(gpu_runs.SECOND, CARDS)) == [
        "| the model authors' flags | 10.00 | 1.00 | 97% | 70 s "
        "| no caches, the catalog's batch sizes |",
        "| encoder compiled, on card 1 | 12.90 | 1.29 | 97% | 80 s "
        "| fewer passes over the encoder's data |",
        "| encoder compiled | 13.00 | 1.30 | 97% | 80 s | fewer passes over the encoder's data |",
    ]


def test_a_profile_is_shares_of_the_time() -> None:
    assert gpu_runs.profiles(STUDY, CARDS).strip().splitlines() == [
        "|  | the model authors' flags |",
        "| --- | --- |",
        "| encoder: attention | 64.0% |",
        "| decoder alone: matrix | 20.0% |",
        "| waiting for decoder alone | 16.0% |",
    ]


def test_texts_and_starts() -> None:
    assert lines(gpu_runs.texts(gpu_runs.FIRST, TEXTS)) == [
        "| the model authors' flags | 374 | 374 | 0.00% | 0 |",
        "| kv-fp8, again | 374 | 201 | 1.23% | 9 |",
    ]
    assert lines(gpu_runs.starts(STARTS)) == [
        "| nothing cached | 101 s |",
        "| SNAPSHOT=1 | 71 s |",
        "| from asleep to a first page | 1.0 s |",
    ]


@pytest.mark.slow
def test_the_picture_is_the_same_for_the_same_run(tmp_path: Path) -> None:
    for name in ("first.svg", "second.svg"):
        gpu_runs.draw(gpu_runs.FIRST, STUDY, tmp_path / name)
    drawn = (tmp_path / "first.svg").read_text()
    assert drawn == (tmp_path / "second.svg").read_text()
    assert drawn.startswith("<?xml")
