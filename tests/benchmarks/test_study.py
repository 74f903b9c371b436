"""The parts of the GPU studies that need neither vLLM nor a GPU."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from benchmarks.startup_study import STARTS
from benchmarks.text_study import compare
from benchmarks.vllm_study.configurations import CONFIGURATIONS, configuration
from benchmarks.vllm_study.load import Lengths, Work, pages
from benchmarks.vllm_study.record import Record, within
from benchmarks.vllm_study.server import errors, milestones, notes

from lighton_ocr.catalog import find_model
from lighton_ocr.errors import EngineFailed

LOG = """\
(APIServer pid=1) INFO 11-24 02:05:01 [api_server.py:9] vLLM API server version 0.32.0
(EngineCore pid=2) INFO 11-24 02:05:07 [cuda.py:552] Using backend FLASH_ATTN for vit attention
(EngineCore pid=2) INFO 11-24 02:05:08 [loader.py:1] Loading weights took 2.10 seconds
(EngineCore pid=2) INFO 11-24 02:05:08 [loader.py:1] Loading weights took 2.10 seconds
(EngineCore pid=2) INFO 11-24 02:05:09 [model.py:1] torch.compile took 0.16 s in total
(EngineCore pid=2) INFO 11-24 02:05:12 [model.py:1] torch.compile took 1.90 s in total
(EngineCore pid=2) torch.OutOfMemoryError: CUDA out of memory.
"""


def test_a_sum_has_all_flags_and_the_last_overrides() -> None:
    both = configuration("seqs-128+kv-fp8+seqs-512")
    assert both.flags == (
        *("--max-num-seqs", "128"),
        *("--kv-cache-dtype", "fp8"),
        *("--max-num-seqs", "512"),
    )
    assert both.in_flight == 512
    assert configuration("sampled+unsplit").sampling == CONFIGURATIONS["sampled"].sampling


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        configuration("ours+none")


def test_lengths_are_repeatable_and_the_first_are_shorter() -> None:
    work = Work(in_flight=200, shortest=350, longest=600)
    lengths, again = Lengths(work, 200), Lengths(work, 200)
    drawn = [next(lengths) for _ in range(2000)]
    assert drawn == [next(again) for _ in range(2000)]
    assert min(drawn[:200]) < 350 <= min(drawn[200:])
    assert max(drawn) <= 600
    assert abs(sum(drawn[200:]) / 1800 - 475) < 10


def test_all_pages_differ() -> None:
    made = pages(find_model("1b"), Work(), 5)
    assert len({page.data for page in made}) == 5
    assert {page.size for page in made} == {(1092, 1540)}


def test_a_report_is_complete_after_every_row_and_goes_on_after_a_failure(tmp_path: Path) -> None:
    def fail() -> dict[str, object]:
        raise EngineFailed("vLLM ended")

    out = tmp_path / "report.json"
    record = Record(out, "the command", "H200", model="1b")
    record.measure("first", lambda: {"pages_per_s": 12.0})
    assert list(json.loads(out.read_text())["rows"]) == ["first"]
    record.measure("second", fail)
    record.measure("third", lambda: {"pages_per_s": 1 / 0})
    written = json.loads(out.read_text())
    assert (written["command"], written["gpu"], written["model"]) == ("the command", "H200", "1b")
    assert written["rows"]["second"]["fault"] == "vLLM ended"
    assert "ZeroDivisionError" in written["rows"]["third"]["fault"]


def test_the_study_ends_when_there_is_no_time_left() -> None:
    assert list(within(60, 50, ["first", "second"])) == ["first", "second"]
    assert list(within(60, 61, ["first", "second"])) == []


def test_backends_and_errors_are_found_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(LOG)
    assert notes(log) == [
        "Using backend FLASH_ATTN for vit attention",
        "Loading weights took 2.10 seconds",
        "torch.compile took 0.16 s in total",
        "torch.compile took 1.90 s in total",
    ]
    assert errors(log) == ["(EngineCore pid=2) torch.OutOfMemoryError: CUDA out of memory."]


def test_the_steps_of_a_start_are_timed_by_the_last_line_about_them(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(LOG)
    assert milestones(log, datetime(2026, 11, 24, 2, 4, 58, 600_000)) == {
        "API server imported": 2,
        "encoder and decoder compiled": 13,
    }


def test_only_configurations_with_the_same_server_share_it() -> None:
    ours = configuration("ours")
    assert configuration("logprobs").runs_like(ours)
    assert configuration("sampled").runs_like(ours)
    for other in ("drafts-missing", "heads-first", "two-engines", "profile", "in-process"):
        assert not configuration(other).runs_like(ours), other


def test_texts_are_compared_with_the_first_ones_and_with_the_truth() -> None:
    texts = {"a": ("one two three four", 1), "b": ("five six", 1)}
    again = texts | {"b": ("five siX", 2)}
    both = {"texts": texts, "again": again, "drafts": {}}
    rows = {"ours": both, "kv-fp8": {"texts": again, "drafts": {}}}
    head = {"versions": {"vllm": "0.32.0"}}
    failed = {"command": "y", "rows": {"eager": {"fault": "x"}}}
    reports = [head | {"command": "x", "rows": rows}, head | failed]
    found = compare({"a": "one two three four", "b": "five six"}, reports)
    same = {"pages": 2, "the_same": 2, "word_f1": 1.0, "asked_again": 0, "below_0_8": 0}
    assert found["rows"]["ours"].items() >= same.items()
    changed = {"the_same": 1, "characters_changed": 0.0625, "word_f1": 0.75, "asked_again": 1}
    changed |= {"pages_changed_by_more_than_a_tenth": 1, "below_0_8": 1, "loops": 0}
    assert found["rows"]["kv-fp8"].items() >= changed.items()
    assert found["rows"]["ours, again"].items() >= changed.items()
    assert found["rows"]["eager"] == {"fault": "x"}
    assert found["command"] == ["x", "y"]


def test_texts_of_two_releases_of_vllm_are_told_apart() -> None:
    rows = [{"ours": {"texts": {"a": (text, 1)}, "drafts": {}}} for text in ("one", "two")]
    reports = [
        {"command": "x", "versions": {"vllm": release}, "rows": row}
        for release, row in zip(("0.32.0", "0.33.0"), rows, strict=True)
    ]
    found = compare({"a": "one"}, reports)["rows"]
    assert {name: row["word_f1"] for name, row in found.items()} == {
        "ours, vLLM 0.32.0": 1.0,
        "ours, vLLM 0.33.0": 0.0,
    }


def test_the_first_start_clears_more_caches_than_the_second() -> None:
    first, second, *_ = STARTS.values()
    assert set(first.clears) > set(second.clears)
