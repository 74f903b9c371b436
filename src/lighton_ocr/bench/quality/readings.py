"""Read the pages of a data set with a candidate, and keep the texts, so that a run can resume."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import ExitStack, aclosing
from dataclasses import asdict, dataclass
from itertools import groupby

from lighton_ocr._files import write_atomically
from lighton_ocr.bench.quality.data_set import BenchPage, DataSet
from lighton_ocr.compare.candidates import Candidate
from lighton_ocr.documents import load_source, open_document
from lighton_ocr.errors import OutputError
from lighton_ocr.reading.results import PageResult

_LOG = "readings.jsonl"
_AT_ONCE = 64  # documents that are open at a time
Done = Callable[[BenchPage, PageResult], None]


@dataclass(frozen=True)
class Reading:
    """What it took to read a page once.

    `elapsed` are the seconds since the reading before, or since the run began: their sum is how
    long all runs took.
    """

    pdf: str
    page: int
    repeat: int
    finish: str
    seconds: float
    elapsed: float
    prompt_tokens: int
    completion_tokens: int
    attempts: int
    confidence: float | None


class Readings:
    """The folder of a candidate: a text for each page and repeat, and a log."""

    def __init__(self, data: DataSet, candidate: str, repeats: int) -> None:
        self._data = data
        self._repeats = repeats
        self.folder = data.folder / candidate

    def log(self) -> list[Reading]:
        """Return what was read so far of the data set's pages, in the order of reading."""
        path = self.folder / _LOG
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        found = [Reading(**json.loads(line)) for line in lines]
        pages = {(page.pdf, page.number) for page in self._data.pages}
        return [
            one for one in found if (one.pdf, one.page) in pages and one.repeat <= self._repeats
        ]

    def missing(self) -> list[tuple[BenchPage, int]]:
        """Return the pages and repeats (from 1) that have no text yet."""
        return [
            (page, repeat)
            for repeat in range(1, self._repeats + 1)
            for page in self._data.pages
            if not (self.folder / page.text_name(repeat)).exists()
        ]

    async def read(self, candidate: Candidate, on_done: Done = lambda *_: None) -> None:
        """Read what is missing. A page that fails gets no text: the next run reads it again.

        Raises:
            AccessDenied, ModelMissing: no page can be read this way.
            OutputError: a text cannot be written.
        """
        last = time.monotonic()
        async with aclosing(self._results(candidate)) as results:
            async for page, repeat, result in results:
                now = time.monotonic()
                await asyncio.to_thread(self._keep, page, repeat, result, now - last)
                last = now
                on_done(page, result)

    async def _results(
        self, candidate: Candidate
    ) -> AsyncGenerator[tuple[BenchPage, int, PageResult]]:
        for part in _parts(self.missing()):
            with ExitStack() as stack:
                documents = [
                    stack.enter_context(open_document(load_source(str(self._data.path(page)))))
                    for page, _ in part
                ]
                wanted = [
                    (document, page.number - 1)
                    for document, (page, _) in zip(documents, part, strict=True)
                ]
                rest = iter(part)
                async for _, result in candidate.read_pages(wanted):
                    yield *next(rest), result

    def _keep(self, page: BenchPage, repeat: int, result: PageResult, elapsed: float) -> None:
        reading = Reading(
            page.pdf,
            page.number,
            repeat,
            result.finish,
            round(result.seconds, 3),
            round(elapsed, 3),
            result.prompt_tokens,
            result.completion_tokens,
            len(result.attempts),
            result.confidence,
        )
        path = self.folder / page.text_name(repeat)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with (self.folder / _LOG).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(reading)) + "\n")
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be written: {error.strerror}.") from error
        if not result.failed:
            write_atomically(path, result.text)


def _parts(wanted: Iterable[tuple[BenchPage, int]]) -> Iterator[list[tuple[BenchPage, int]]]:
    for _, part in groupby(enumerate(wanted), lambda pair: pair[0] // _AT_ONCE):
        yield [page for _, page in part]
