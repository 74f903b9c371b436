"""`lighton-ocr bench quality`: read a data set, score the texts, write the table and reports."""

import asyncio
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from lighton_ocr._files import write_atomically
from lighton_ocr._text import pluralize
from lighton_ocr.bench.quality.data_set import (
    REPOSITORY,
    BenchPage,
    DataSet,
    download,
    open_data_set,
)
from lighton_ocr.bench.quality.readings import Readings
from lighton_ocr.bench.quality.report import QualityReport, as_html, as_json, totals
from lighton_ocr.bench.quality.scores import (
    Score,
    check_installed,
    differences,
    find_browser,
    score,
)
from lighton_ocr.catalog import Gpu, Model, find_gpu
from lighton_ocr.cli.display import ProgressBar, notice, warn
from lighton_ocr.cli.process import INTERRUPTED
from lighton_ocr.cli.tables import Column, print_table
from lighton_ocr.compare.candidates import Candidate, EndpointCandidate, open_candidate
from lighton_ocr.errors import UsageError
from lighton_ocr.reading.attempts import PageBudget
from lighton_ocr.reading.results import PageResult

_AS_PUBLISHED = 3  # readings of each page


@dataclass(frozen=True)
class QualityJob:
    """The arguments of `lighton-ocr bench quality`, as they were written."""

    reader: str
    data: str
    download: bool
    name: str | None
    sample: int | None
    as_published: bool
    gpu: str | None
    browser: str | None


def run(job: QualityJob) -> int:
    """Read what is missing, score, write, and return the exit status.

    Raises:
        LightonOcrError: nothing more can be read; what was read is kept.
    """
    check_installed()
    browser = find_browser(job.browser)
    gpu = find_gpu(job.gpu) if job.gpu is not None else None
    folder = Path(job.data)
    if job.download:
        notice(f"Downloading {REPOSITORY} to {folder} …")
        download(folder)
    data = open_data_set(folder)
    if job.sample is not None:
        data = data.sample(job.sample)
    repeats = _AS_PUBLISHED if job.as_published else 1
    with open_candidate(job.reader, gpu, notice) as opened:
        candidate = _with_protocol(opened, job.as_published)
        readings = Readings(data, job.name or candidate.name, repeats)
        try:
            _read(candidate, readings)
        except KeyboardInterrupt:
            warn("interrupted; the pages read so far are kept. The same command resumes.")
            return INTERRUPTED
        model = candidate.endpoint.model if isinstance(candidate, EndpointCandidate) else None
    seconds, failed = totals(readings.log())
    report = QualityReport(
        command=shlex.join(["lighton-ocr", *sys.argv[1:]]),
        candidate=readings.folder.name,
        model=model.id if model else None,
        pages=len(data.pages),
        repeats=repeats,
        failed_pages=failed,
        seconds=seconds,
        usd=_cost(gpu, seconds),
        scores=score(data, readings.folder.name, browser),
    )
    _print(report)
    _warn(report, model if job.as_published else None)
    _write(report, data, readings)
    return int(failed > 0)


def _with_protocol(candidate: Candidate, as_published: bool) -> Candidate:
    """Let an endpoint read without a limit on time and, as published, without retries.

    A score must not depend on how busy this machine is.
    """
    if not isinstance(candidate, EndpointCandidate):
        return candidate
    return replace(candidate, budget=PageBudget(attempts=1) if as_published else PageBudget())


def _read(candidate: Candidate, readings: Readings) -> None:
    missing = len(readings.missing())
    if not missing:
        return
    notice(f"{pluralize(missing, 'page')} to read with {candidate.name}, into {readings.folder}.")
    bar = ProgressBar()
    bar.add_pages(missing)

    def on_done(page: BenchPage, result: PageResult) -> None:
        bar.on_page(result)
        if result.failed:
            warn(f"{page.pdf}: {' '.join(result.warnings)}")

    try:
        asyncio.run(readings.read(candidate, on_done))
    finally:
        bar.stop()


def _cost(gpu: Gpu | None, seconds: float) -> float | None:
    return None if gpu is None else gpu.price_per_second * seconds


def _print(report: QualityReport) -> None:
    scores = report.scores
    cost = "" if report.usd is None else f", ${report.usd:.2f} for the GPU"
    print_table(
        f"{report.candidate}: {pluralize(report.pages, 'page')}, "
        f"{pluralize(report.repeats, 'reading')} of each, {report.seconds:,.0f} s{cost}. Percent "
        "of tests passed, with 95 % intervals (bootstrap); overall is the mean of the categories.",
        (Column("category", "left"), *map(Column, ("tests", "score", "interval"))),
        [
            *((one.label, f"{one.tests}", *_figures(one.score)) for one in scores.categories),
            ("overall", "", *_figures(scores.overall)),
            ("without headers and footers", "", *_figures(scores.without_headers)),
        ],
    )


def _figures(one: Score) -> tuple[str, str]:
    return f"{one.percent:.1f}", f"{one.low:.1f} to {one.high:.1f}"


def _warn(report: QualityReport, published: Model | None) -> None:
    """Say what is missing from the score, and where it differs from the published one."""
    if report.scores.skipped_formulas:
        warn(
            f"{report.scores.skipped_formulas} tests of formulas were left out: drawing them needs "
            "Chromium or Chrome. Install one, or name it with --browser."
        )
    if report.failed_pages:
        warn(f"{pluralize(report.failed_pages, 'page')} failed; the same command reads them again.")
    if published is not None:
        for sentence in differences(report.scores, published):
            warn(sentence)


def _write(report: QualityReport, data: DataSet, readings: Readings) -> None:
    texts = {
        page: path.read_text("utf-8")
        for page in data.pages
        if (path := readings.folder / page.text_name(1)).exists()
    }
    outputs = (readings.folder / "quality.json", readings.folder / "quality.html")
    write_atomically(outputs[0], as_json(report) + "\n")
    write_atomically(outputs[1], as_html(report, data, texts))
    notice(f"Written: {outputs[0]}, {outputs[1]}.")


def reader_of(url: str | None, model: str | None, program: str | None) -> str:
    """Return what reads: a URL, a model in the embedded engine, or a program.

    Raises:
        UsageError: more than one is named, or none.
    """
    named = [one for one in (url, model, program) if one is not None]
    if len(named) != 1:
        raise UsageError("Name what to measure: one of --url, --model and --with.")
    return named[0]
