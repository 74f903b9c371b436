"""Pages that an earlier run sent to a worker pool are collected, if they were sent as now."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest

from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.batch.runner import FinishedPage, WantedPage
from lighton_ocr.batch.shards import Shard, to_lines
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.batch.worker_pool import PoolRunner
from lighton_ocr.catalog import find_model
from lighton_ocr.documents import DocumentFile
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import PageBudget
from lighton_ocr.reading.results import PageResult

ENDPOINT = Endpoint("http://x/v1", find_model("2-1b-bbox"), "x")
PAGE = WantedPage(DocumentFile(Path("a.pdf"), "a.pdf"), "aa", 0)
SETTINGS = ReadingSettings.of(ENDPOINT, boxes=True)


class Pool:
    """A pool to which an earlier run has sent a page; it remembers what it is asked to read."""

    label = "a pool"
    shard_pages = max_shards = 8

    def __init__(self, pending: Shard) -> None:
        self.pending = pending
        self.asked: list[Shard] = []

    def pending_shards(self) -> Sequence[Shard]:
        return [self.pending]

    async def read(self, shard: Shard, files: Mapping[str, Path]) -> str:
        self.asked.append(shard)
        return to_lines([FinishedPage(PAGE, PageResult(1, "text", "stop"))], 1.0, None)

    async def acknowledge(self, shard: Shard) -> None:
        pass

    async def finish(self) -> None:
        pass


async def asked_for(pending: Shard) -> list[Shard]:
    async def wanted() -> AsyncIterator[WantedPage]:
        yield PAGE

    async def deliver(finished: FinishedPage) -> None:
        assert finished.page == PAGE

    pool = Pool(pending)
    await PoolRunner(pool, SETTINGS, BatchStats()).read(wanted(), deliver)
    return pool.asked


async def test_a_pending_shard_is_collected_with_the_name_that_it_was_sent_with() -> None:
    other = WantedPage(PAGE.file, PAGE.digest, 1)
    pending = Shard.of([PAGE, other], SETTINGS)
    assert await asked_for(pending) == [pending]


@pytest.mark.parametrize(
    "settings",
    [
        ReadingSettings.of(ENDPOINT),
        ReadingSettings.of(ENDPOINT, "jpeg", boxes=True),
        ReadingSettings.of(ENDPOINT, budget=PageBudget(attempts=2), boxes=True),
        ReadingSettings.of(ENDPOINT, own_text="off", boxes=True),
    ],
    ids=["without boxes", "as JPEG", "with another budget", "without the own text"],
)
async def test_a_shard_that_was_sent_with_other_settings_is_not_collected(
    settings: ReadingSettings,
) -> None:
    assert await asked_for(Shard.of([PAGE], settings)) == [Shard.of([PAGE], SETTINGS)]
