"""Measure a batch itself: processor time and memory at 1,000, 10,000 and 100,000 pages.

    python benchmarks/batch_scale.py > benchmarks/results/batch-scale.json

Both ends are simulated: rendering returns a page of 300 kB at once, and the endpoint is a stub in
this process that answers each request after 100 ms, 256 at a time. The rest is real, and is what a
batch adds to a page: inputs, digests, scheduling, concurrency, journal (on disk, synced), results
and manifest. Each size runs in its own process.
"""

import asyncio
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lighton_ocr.batch.concurrency import AdaptiveConcurrency
from lighton_ocr.batch.journal import Journal
from lighton_ocr.batch.journal_writer import JournalWriter
from lighton_ocr.batch.outputs import open_output
from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.run import Batch, BatchListener
from lighton_ocr.batch.runner import EndpointRunner
from lighton_ocr.batch.state import state_folder
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.catalog import find_model
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.pages import EncodedPage, PageOptions, PreparedPage
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.client import PageClient
from lighton_ocr.reading.stream import Answer

SIZES = (1_000, 10_000, 100_000)
PAGES_EACH = 100
IN_FLIGHT = 256
ANSWER_SECONDS = 0.1  # long enough that as many pages as possible are in memory
PAGE_BYTES = 300_000
TEXT = "A line of a page that somebody wrote, with some words in it.\n" * 40  # 2,440 characters


class StubRenderers(RenderPool):
    async def count_pages(self, file: DocumentFile) -> int:
        return PAGES_EACH

    async def prepare(
        self, document: DocumentFile, index: int, options: PageOptions
    ) -> PreparedPage:
        image = EncodedPage(index, b"x" * PAGE_BYTES, "image/png", (1092, 1540))
        return PreparedPage(index, (image,))


async def answer(*_: Any) -> Answer:
    await asyncio.sleep(ANSWER_SECONDS)
    return Answer(TEXT, "stop", 2145, 600)


async def read(folder: Path, stats: BatchStats) -> None:
    endpoint = Endpoint("http://stub/v1", find_model("1b"), "stub")
    out = str(folder / "out")
    state = state_folder(out)
    state.mkdir(parents=True)
    with closing(Journal.open(state)) as journal:
        journal_writer = JournalWriter(journal)
        renderers = StubRenderers(8)
        runner = EndpointRunner(
            endpoint,
            ReadingSettings.of(endpoint),
            renderers,
            concurrency=AdaptiveConcurrency(IN_FLIGHT, IN_FLIGHT),
        )
        batch = Batch(
            BatchPlan((str(folder / "in"),)),
            open_output(out),
            journal_writer,
            state,
            stats=stats,
            listener=BatchListener(),
            renderers=renderers,
            runner=runner,
        )
        await batch.run()
        await journal_writer.close()


def measure(pages: int) -> dict[str, float]:
    setattr(PageClient, "send", answer)  # noqa: B010 - a stub of another signature
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for number in range(pages // PAGES_EACH):
            path = folder / "in" / f"{number // 100:03}" / f"{number:06}.pdf"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"document {number}")
        stats = BatchStats()
        start, processor = time.perf_counter(), time.process_time()
        asyncio.run(read(folder, stats))
        seconds, processor = time.perf_counter() - start, time.process_time() - processor
        assert stats.pages_read == pages
        journal = (state_folder(str(folder / "out")) / "journal.sqlite3").stat().st_size
    return {
        "pages": pages,
        "documents": pages // PAGES_EACH,
        "processor_ms_a_page": round(1000 * processor / pages, 3),
        "wall_ms_a_page": round(1000 * seconds / pages, 3),
        "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "journal_bytes_a_page": round(journal / pages),
    }


def main() -> None:
    rows = []
    for pages in SIZES:
        done = subprocess.run(
            [sys.executable, __file__, str(pages)], check=True, capture_output=True, text=True
        )
        rows.append(json.loads(done.stdout))
    peaks = [row["peak_memory_mib"] for row in rows]
    report = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
        "in_flight": IN_FLIGHT,
        "page_bytes": PAGE_BYTES,
        "text_characters": len(TEXT),
        "sizes": rows,
        "peak_memory_largest_over_smallest": round(max(peaks) / min(peaks), 3),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
    else:
        main()
