"""Shards carry everything that a worker needs, and keep their name without passwords."""

from dataclasses import replace
from pathlib import Path

from lighton_ocr.batch.modal_shards import PendingShards
from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.batch.runner import FinishedPage, WantedPage
from lighton_ocr.batch.shards import Shard, ShardDocument, ShardResults, to_lines
from lighton_ocr.catalog import find_model
from lighton_ocr.documents import DocumentFile
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import Attempt, AttemptSettings, PageBudget
from lighton_ocr.reading.results import PageResult

ENDPOINT = Endpoint("http://x/v1", find_model("1b"), "x")
BUDGET = PageBudget(attempts=3, seconds=9.0)
PAGES = [
    WantedPage(DocumentFile(Path(name), name, password), digest, index)
    for name, password, digest, index in [
        ("b.pdf", None, "bb", 4),
        ("a.pdf", "sesame", "aa", 1),
        ("a.pdf", "sesame", "aa", 0),
    ]
]
shard = Shard.of(PAGES, ReadingSettings.of(ENDPOINT, "jpeg", BUDGET))


def test_a_shard_groups_its_pages_by_document_and_carries_the_budget() -> None:
    assert shard == Shard(
        model="lightonai/LightOnOCR-1B-1025",
        encoding="jpeg",
        budget=BUDGET,
        own_text="check",
        documents=(
            ShardDocument("aa", "a.pdf", "sesame", (0, 1)),
            ShardDocument("bb", "b.pdf", None, (4,)),
        ),
    )
    assert shard.page_count == 3
    assert Shard.from_json(shard.to_json()) == shard


def test_the_key_of_a_shard_depends_on_everything_but_passwords() -> None:
    assert shard.with_passwords({}).key == shard.key
    assert shard.with_passwords({"aa": "other"}).key == shard.key
    assert replace(shard, budget=PageBudget()).key != shard.key
    assert replace(shard, boxes=True).key != shard.key
    assert replace(shard, documents=shard.documents[:1]).key != shard.key


def test_results_come_back_as_they_were() -> None:
    attempt = Attempt(1, AttemptSettings(0.2, 0.9, 4096, (("min_p", 0.1),)), "stop", 1.5)
    result = PageResult(5, "text", "stop", attempts=(attempt,), completion_tokens=7)
    text = to_lines([FinishedPage(PAGES[0], result)], 2.5, "L4")
    assert ShardResults.from_lines(text) == ShardResults({("bb", 4): result}, 2.5, "L4")


def test_a_pending_shard_of_another_version_is_sent_again(tmp_path: Path) -> None:
    pending = PendingShards(tmp_path)
    assert pending.batch == PendingShards(tmp_path).batch
    pending.save(shard, "fc-1")
    assert pending.all() == [shard.with_passwords({})]
    assert pending.find_call(shard) == "fc-1"
    record = next((tmp_path / "modal").glob("*.json"))
    record.write_text(record.read_text().replace("documents", "parts"))
    assert pending.all() == []
