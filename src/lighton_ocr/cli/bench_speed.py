"""`lighton-ocr bench speed`: prepare pages, run the sweep, write the table, JSON and plot."""

import asyncio
import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lighton_ocr._examples import INVOICE, LETTER, PAPER, example
from lighton_ocr._files import make_folder, write_atomically
from lighton_ocr.api import open_endpoint
from lighton_ocr.bench import ClosedLoop, Level, Load, OpenLoop, PageSource, sweep
from lighton_ocr.bench.plot import draw
from lighton_ocr.bench.report import (
    SpeedReport,
    SpeedSetup,
    as_json,
    report,
    server_gpu,
    server_version,
)
from lighton_ocr.catalog import Gpu, find_gpu
from lighton_ocr.cli.display import notice, warn
from lighton_ocr.cli.process import INTERRUPTED
from lighton_ocr.cli.tables import Column, print_table
from lighton_ocr.documents import Document, load_source, open_document
from lighton_ocr.documents.pages import Encoding, Geometry
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import OutputError, UsageError

_SWEEP = "1,2,4,8,16,32,64"
_EMBEDDED = 2  # levels of the sweep: llama.cpp encodes one image at a time
_MIN_PAGES = 16  # measured at a level
_OPEN_S = 30  # seconds of arrivals at a rate
_MAX_PAGES = 10_000  # at a level: they are kept encoded, 1 MB each if they are scans


@dataclass(frozen=True)
class SpeedJob:
    """The arguments of `lighton-ocr bench speed`, as they were written."""

    files: tuple[str, ...]
    url: str | None
    model: str | None
    concurrency: str | None
    rate: str | None
    requests: int | None
    gpu: str | None
    password: str | None
    encoding: Encoding
    seed: int
    out: str


def run(job: SpeedJob) -> int:
    """Run the sweep and return the exit status.

    Raises:
        LightonOcrError: nothing more can be measured; what was measured is written.
    """
    gpu = find_gpu(job.gpu) if job.gpu is not None else None
    loads = _loads(job)
    out = _output_folder(job.out)
    levels: list[Level] = []
    with ExitStack() as stack:
        files = job.files or [str(example(name)) for name in (LETTER, INVOICE, PAPER)]
        documents = [
            stack.enter_context(open_document(load_source(file), job.password)) for file in files
        ]
        endpoint = stack.enter_context(open_endpoint(job.url, job.model, on_notice=notice))
        if endpoint.is_embedded and job.concurrency is None and job.rate is None:
            loads = loads[:_EMBEDDED]
        page_source = PageSource.render(
            documents, Geometry.of(endpoint), job.encoding, drafted=endpoint.is_vllm
        )
        setup = _setup(_command(job.password), endpoint, gpu, documents, page_source)
        try:
            asyncio.run(_measure(endpoint, page_source, loads, gpu, levels))
        except KeyboardInterrupt:
            measured = "what was measured so far is written"
            warn(f"interrupted; {measured if levels else 'nothing was measured yet'}.")
            return INTERRUPTED
        finally:
            if levels:
                _write(report(setup, loads, levels), out)
    return int(any(level.failures for level in levels))


def _output_folder(name: str) -> Path:
    """Check that the folder for results can be written; it is created when there are results."""
    path = Path(name)
    existing = next(folder for folder in (path, *path.parents) if os.access(folder, os.F_OK))
    if not (existing.is_dir() and os.access(existing, os.W_OK)):
        raise OutputError(f"{existing} cannot be written. Name another folder with --out.")
    return path


def _loads(job: SpeedJob) -> list[Load]:
    """Return the levels that were asked for, or the default sweep."""
    if job.concurrency is not None and job.rate is not None:
        raise UsageError("--concurrency and --rate are two kinds of load: choose one.")
    loads = _in_flight(job) if job.rate is None else _arriving(job, job.rate)
    for load in loads:
        if load.pages > _MAX_PAGES:
            raise UsageError(
                f"The level {load.level:g} needs {load.pages:,} pages, more than the maximum of "
                f"{_MAX_PAGES:,}. Choose a lower level, or fewer pages with --requests."
            )
    return loads


def _in_flight(job: SpeedJob) -> list[Load]:
    text = _SWEEP if job.concurrency is None else job.concurrency
    levels = _numbers("--concurrency", text)
    if not all(level.is_integer() for level in levels):
        raise UsageError(f"--concurrency {text}: requests in flight must be whole numbers.")
    return [
        ClosedLoop(int(level), job.requests or max(_MIN_PAGES, 3 * int(level))) for level in levels
    ]


def _arriving(job: SpeedJob, text: str) -> list[Load]:
    return [
        OpenLoop(rate, job.requests or max(_MIN_PAGES, round(_OPEN_S * rate)), job.seed)
        for rate in _numbers("--rate", text)
    ]


def _numbers(flag: str, text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(0 < number < sys.maxsize for number in numbers):
        raise UsageError(f"{flag} {text!r} is not a list of numbers above 0, such as 1,2,8.")
    return numbers


def _command(password: str | None) -> str:
    """Return the command line for the report, without the password: others read the report."""
    hidden = {password: "…", f"--password={password}": "--password=…"}
    return shlex.join(["lighton-ocr", *(hidden.get(word, word) for word in sys.argv[1:])])


def _setup(
    command: str,
    endpoint: Endpoint,
    gpu: Gpu | None,
    documents: Sequence[Document],
    page_source: PageSource,
) -> SpeedSetup:
    return SpeedSetup(
        command=command,
        endpoint=endpoint,
        server=server_version(endpoint),
        server_gpu=server_gpu(endpoint),
        gpu=gpu,
        documents=tuple(Path(document.name).name for document in documents),
        distinct_pages=page_source.distinct,
        drafted_pages=page_source.drafted,
        encoding=page_source.encoding,
    )


async def _measure(
    endpoint: Endpoint,
    page_source: PageSource,
    loads: Sequence[Load],
    gpu: Gpu | None,
    levels: list[Level],
) -> None:
    async for level in sweep(endpoint, page_source, loads, gpu):
        levels.append(level)
        written = level.server and level.server.tokens_per_step
        steps = f", {written:.1f} tokens per step" if written else ""
        notice(f"{level.load:g}: {level.pages_per_s:.2f} pages/s, {level.failures} failed{steps}")
        for fault in level.faults:
            warn(f"at {level.load:g}: {fault}.")


def _write(found: SpeedReport, out: Path) -> None:
    """Print first, so that the table is seen even if a file cannot be written."""
    _print(found)
    make_folder(out)
    write_atomically(out / "speed.json", as_json(found) + "\n")
    draw(found, out / "speed.png")
    notice(f"Written: {out / 'speed.json'}, {out / 'speed.png'}.")


def _print(found: SpeedReport) -> None:
    gpu = f"Server's GPU: {found.setup.server_gpu}. " if found.setup.server_gpu else ""
    print_table(
        f"{gpu}"
        "Latency and the median time to the first token are in seconds; tokens are the server's "
        "own count; queue and KV cache in use are from its metrics. "
        f"{found.setup.drafted_pages} of {found.setup.distinct_pages} pages were sent with a "
        f"draft. Knee: {found.verdict}",
        (
            Column("parallel" if found.loop == "closed" else "rate"),
            *map(Column, ("pages/s", "p50/p95/p99", "first", "tokens/s", "failed")),
            *map(Column, ("queue", "KV", "$/1,000")),
        ),
        [_row(level) for level in found.levels],
        tight=True,
    )


def _row(level: Level) -> tuple[str, ...]:
    latency, server = level.latency, level.server
    return (
        f"{level.load:g}",
        f"{level.pages_per_s:.2f}",
        "/".join(map(_short, (latency.p50, latency.p95, latency.p99))) if latency else "–",
        _short(level.first_token.p50) if level.first_token else "–",
        f"{level.tokens_per_s:,.0f}" if level.tokens_per_s is not None else "–",
        f"{level.failures}",
        f"{server.waiting:.0f}" if server and server.waiting is not None else "–",
        f"{server.kv_usage:.0%}" if server and server.kv_usage is not None else "–",
        f"{level.usd_per_1000:.3f}" if level.usd_per_1000 else "–",
    )


def _short(seconds: float) -> str:
    """Return the seconds in four characters, or in more if there are thousands of them."""
    return f"{seconds:.{2 if seconds < 10 else 1 if seconds < 100 else 0}f}"
