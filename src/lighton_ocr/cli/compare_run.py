"""Run `lighton-ocr compare`: open documents and readers, read, print the table, write the page."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lighton_ocr._files import check_writable, write_atomically
from lighton_ocr._text import pluralize
from lighton_ocr.catalog import Gpu, find_gpu
from lighton_ocr.cli.display import ProgressBar, notice, warn
from lighton_ocr.cli.rescue import rescue
from lighton_ocr.cli.tables import Column, print_table
from lighton_ocr.compare.agreement import Agreement
from lighton_ocr.compare.batch_folder import split_markdown
from lighton_ocr.compare.candidates import check_candidate, open_candidate
from lighton_ocr.compare.comparison import CandidateComparison, CandidateRun, compare
from lighton_ocr.compare.report import as_html
from lighton_ocr.documents import Document, choose_pages, load_source, open_document
from lighton_ocr.errors import DocumentError, OutputError, UsageError
from lighton_ocr.reading.results import PageResult

_OWN = "own"
_SHOWN = 5  # pages that deserve a look


@dataclass(frozen=True)
class CompareJob:
    """The arguments of `lighton-ocr compare`, as they were written."""

    files: tuple[str, ...]
    readers: tuple[str, ...]
    pages: str | None
    truth: str | None
    gpu: str | None
    password: str | None
    out: str


def run(job: CompareJob) -> int:
    """Read with all readers, one after the other, and return the exit status.

    Raises:
        LightonOcrError: a document or a reader cannot be opened, or nothing can be read.
    """
    for name in job.readers:
        check_candidate(name)  # a mistake in the last one is told before the first one reads
    if len(job.readers) < 2 and job.truth is None:
        raise UsageError("Name at least two readers with --with, or a text with --truth.")
    out = Path(job.out)
    check_writable(out)
    gpu = find_gpu(job.gpu) if job.gpu is not None else None
    with ExitStack() as stack:
        documents = [
            stack.enter_context(open_document(load_source(file), job.password))
            for file in job.files
        ]
        pages = [
            (document, index)
            for document in documents
            for index in choose_pages(job.pages, document.page_count, document.name)
        ]
        truths = _truths(job.truth, documents, pages)
        runs = [_read(name, pages, gpu) for name in job.readers]
        comparison = compare(pages, truths, runs)
        _print(comparison)
        page = as_html(comparison)
        try:
            write_atomically(out, page)
        except OutputError as error:
            raise rescue(error, out.name, lambda path: write_atomically(path, page)) from error
    notice(f"Written: {out}.")
    return int(any(one.failed for one in runs))


def _truths(
    truth: str | None, documents: Sequence[Document], pages: Sequence[tuple[Document, int]]
) -> list[str | None]:
    """Return the truth of each page, None where there is none."""
    if truth is None:
        return [None] * len(pages)
    if truth == _OWN:
        return [document.text_layer(index) or None for document, index in pages]
    if len(documents) > 1:
        raise UsageError("--truth is the text of one file: compare one file at a time.")
    try:
        texts = split_markdown(Path(truth).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"--truth {truth} cannot be read as text: {error}.") from error
    return [texts[index + 1].text if index + 1 in texts else None for _, index in pages]


def _read(name: str, pages: Sequence[tuple[Document, int]], gpu: Gpu | None) -> CandidateRun:
    results: list[PageResult] = []
    bar = ProgressBar()
    with open_candidate(name, gpu, notice) as candidate:

        async def read() -> None:
            async for _, result in candidate.read_pages(pages):
                results.append(result)
                bar.on_page(result)

        notice(f"{candidate.name}: {pluralize(len(pages), 'page')} …")
        bar.add_pages(len(pages))
        start = time.monotonic()
        try:
            asyncio.run(read())
        finally:
            bar.stop()
        seconds = time.monotonic() - start
        for (document, _), result in zip(pages, results, strict=True):
            if result.failed:
                warn(f"{candidate.name}, {document.name}: {' '.join(result.warnings)}")
        price = candidate.usd_per_second
        usd = None if price is None else price * seconds
        return CandidateRun(candidate.name, tuple(results), seconds, usd)


def _print(comparison: CandidateComparison) -> None:
    has_truth = any(page.truth is not None for page in comparison.pages)
    against = "the truth" if has_truth else comparison.runs[0].name
    worst = [page for page in comparison.pages if page.deserves_a_look][:_SHOWN]
    first = "; ".join(f"{page.document.name} page {page.index + 1}" for page in worst)
    print_table(
        f"{pluralize(len(comparison.pages), 'page')}. Agreement with {against}: 1 minus the edit "
        "distance over the longer text, mean of all pages; markup does not count."
        + (f" Look first at: {first}." if worst else ""),
        (
            Column("reader", "left", wraps=True),
            *map(Column, ("s/page", "$/1,000", "characters", "words", "failed")),
        ),
        [
            (
                one.name,
                f"{one.seconds_per_page:.2f}",
                "–" if one.usd is None else f"{1000 * one.usd / len(one.results):.3f}",
                *_figures(
                    comparison.with_truth(number) if has_truth else comparison.between(0, number)
                ),
                f"{one.failed}",
            )
            for number, one in enumerate(comparison.runs)
        ],
    )


def _figures(found: Agreement | None) -> tuple[str, str]:
    return (f"{found.characters:.3f}", f"{found.words:.3f}") if found else ("–", "–")
