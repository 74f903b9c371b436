"""Tables and chart of the GPU studies, from results such as their programs write."""

import json
from pathlib import Path
from typing import Any

from tools.docs import gpu_chart, gpu_studies, gpu_tables

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


def write(folder: Path, name: str, run: Run) -> None:
    (folder / f"{name}.json").write_text(json.dumps(run))


def rows(table: str) -> list[str]:
    return table.strip().splitlines()[2:]


def test_a_table_exists_if_its_results_do(tmp_path: Path) -> None:
    assert gpu_tables.tables(tmp_path) == {}
    write(tmp_path, "startup-h200", STARTS)
    assert list(gpu_tables.tables(tmp_path)) == ["gpu-starts"]
    write(tmp_path, "gpu-study-h200", STUDY)
    write(tmp_path, "texts-h200", TEXTS)
    tables = gpu_tables.tables(tmp_path)
    assert list(tables) == ["gpu-study", "gpu-texts", "gpu-starts"]
    write(tmp_path, "gpu-study-h200-x4", CARDS)
    write(tmp_path, "gpu-study-h200-drafts", DRAFTS)
    tables = gpu_tables.tables(tmp_path)
    assert list(tables) == [
        *("gpu-study", "gpu-cards", "gpu-drafts", "gpu-profile", "gpu-texts", "gpu-starts")
    ]
    assert all(table().startswith("\n| ") for table in tables.values())


def test_drafts_are_compared_with_none_for_many_pages_and_for_one() -> None:
    assert rows(gpu_tables.loads(gpu_studies.DRAFTS, DRAFTS)) == [
        "| without drafts | 12.00 | 1.00x | 97% | 247 | 54% | 1.25 s | 1.00x |",
        "| drafts | 18.00 | 1.50x | 97% | 196 | 42% | 0.50 s | 2.50x |",
    ]


def test_configurations_are_compared_with_the_base_slowest_first() -> None:
    assert rows(gpu_tables.speeds(gpu_studies.ONE_GPU, STUDY)) == [
        "| the commonly copied flags | 12.00 | 1.00x | 97% | 100 s "
        "| 1,024 sequences, 8,192 batched tokens, prefix cache, 4 GB image cache |",
        "| blocks-128 | 12.50 | 1.04x | 97% | 81 s | fewer entries |",
        "| the model authors' flags | 12.60 | 1.05x | 97% | 80 s "
        "| no caches, batch sizes from the catalog |",
        "| kv-fp8 + few-graphs | 18.00 | 1.50x | 97% | 62 s | combined |",
        "| weights-fp8 | – | – | – | – | did not run |",
    ]
    assert rows(gpu_tables.speeds(gpu_studies.FOUR_GPUS, CARDS)) == [
        "| the model authors' flags | 10.00 | 1.00x | 97% | 70 s "
        "| no caches, batch sizes from the catalog |",
        "| encoder compiled, on card 1 | 12.90 | 1.29x | 97% | 80 s "
        "| fewer passes over the encoder's data |",
        "| encoder compiled | 13.00 | 1.30x | 97% | 80 s | fewer passes over the encoder's data |",
    ]


def test_changes_that_are_combined_are_all_named() -> None:
    name = gpu_studies.FOUR_GPUS.name("kv-fp8+grouped+profile, on card 1")
    assert name == "fp8 KV cache + pages admitted in groups, on card 1"


def test_what_to_expect_is_compared_with_the_commonly_copied_flags() -> None:
    speeds = {"seed": 12.0, "front-ends": 21.0, "front-ends+drafts-missing": 15.0, "ours": 20.0}
    run = {
        "rows": {
            name: {"pages_per_s": speed, "alone": {"seconds_a_page": 6 / speed}}
            for name, speed in speeds.items()
        }
    }
    assert rows(gpu_tables.expected(run)) == [
        "| the commonly copied flags | 12.00 | 1.00x | 0.50 s |",
        "| the container's flags, scans | 15.00 | 1.25x | 0.40 s |",
        "| the container's flags, PDFs with text | 21.00 | 1.75x | 0.29 s |",
    ]


def test_a_profile_is_shares_of_the_time() -> None:
    assert gpu_tables.profiles(STUDY, CARDS).strip().splitlines() == [
        "|  | the model authors' flags |",
        "| --- | --- |",
        "| encoder: attention | 64.0% |",
        "| decode-only steps: matrix | 20.0% |",
        "| idle before: decode-only steps | 16.0% |",
    ]


def test_texts_and_starts() -> None:
    assert rows(gpu_tables.texts(gpu_studies.ONE_GPU, TEXTS)) == [
        "| the model authors' flags | 374 | 374 | 0.00% | 0 |",
        "| kv-fp8, again | 374 | 201 | 1.23% | 9 |",
    ]
    assert rows(gpu_tables.starts(STARTS)) == [
        "| nothing cached | 101 s |",
        "| SNAPSHOT=1 | 71 s |",
        "| woken from sleep | 1.0 s |",
    ]


def test_starts_of_the_container() -> None:
    def start(first_page_s: float, **milestones_s: int) -> dict[str, object]:
        return {"first_page_s": first_page_s, "milestones_s": milestones_s}

    starts = {
        "cold": start(124.2, imported=37, compiled=80, ready=120),
        "kernels-kept": start(47.3, imported=19, compiled=37, ready=45),
        "fast-boot": start(39.3, imported=24, ready=35),
    }
    slept = {"sleeping": {"first_page_s": 83.3, "wake_s": 0.6, "page_after_wake_s": 0.3}}
    first_page = rows(gpu_tables.first_page({"rows": starts}, {"rows": slept}))
    assert [row.split(" | ")[-1].rstrip(" |") for row in first_page] == [
        "124 s",
        "47 s",
        "39 s",
        "0.9 s",
    ]
    assert rows(
        gpu_tables.start_steps({"cold": "cold", "fast-boot": "fast"}, {"rows": starts})
    ) == [
        "| imported | 37 s | 24 s |",
        "| compiled | 80 s | – |",
        "| ready | 120 s | 35 s |",
        "| first page read | 124 s | 39 s |",
    ]


def test_speed_and_texts_in_fp8() -> None:
    def load(pages_per_s: float) -> dict[str, object]:
        return {
            "pages_per_s": pages_per_s,
            "pages_per_s_by_latency": pages_per_s - 1,
            "latency": {"p50": 12.0},
        }

    def texts(word_f1: float) -> dict[str, object]:
        return {"word_f1": word_f1, "the_same": 212, "pages": 300}

    loads = {"rows": {"ours": load(21.0), "encoder-fp8": load(22.0), "weights-fp8": load(23.1)}}
    names = ("ours", "encoder-fp8")
    read = {f"{name}+half": texts(0.95) for name in names}
    read |= {f"{name}+half, again": texts(0.94) for name in names}
    assert rows(gpu_tables.fp8(loads, {"rows": read})) == [
        "| nothing (the container) | 21.00 | 1.00x | 0.9500 and 0.9400 | 212 |",
        "| the encoder's weights | 22.00 | 1.05x | 0.9500 and 0.9400 | 212 |",
    ]
    assert rows(gpu_tables.by_latency(loads))[-1] == "| both | 23.10 | 22.10 | 1.10x | 12.0 s |"


def test_the_chart_is_the_same_for_the_same_run(tmp_path: Path) -> None:
    for name in ("first.svg", "second.svg"):
        gpu_chart.draw(gpu_studies.ONE_GPU, STUDY, tmp_path / name)
    drawn = (tmp_path / "first.svg").read_text()
    assert drawn == (tmp_path / "second.svg").read_text()
    assert drawn.startswith("<?xml")
