"""`lighton-ocr bench`: measure how fast an endpoint is, and how well it reads."""

from typing import Annotated

import typer

from lighton_ocr.cli.conflicts import Command
from lighton_ocr.cli.group import CommandGroup
from lighton_ocr.cli.options import Jpeg, MeasuredGpu, Password

_EXTRA = ("matplotlib", "prometheus_client")

app = typer.Typer(
    cls=CommandGroup, help="Measure an endpoint.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def bench() -> None:
    """Measure an endpoint."""


@app.command(cls=Command)
def speed(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="documents to read [default: bundled examples]", metavar="[FILE…]"),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="endpoint to measure [default: embedded engine]")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="a name from `lighton-ocr models` [default: what the URL serves]"),
    ] = None,
    concurrency: Annotated[
        str | None,
        typer.Option(
            help="requests in flight, one level each, such as 1,8,32 "
            "[default: 1,2,4,8,16,32,64; embedded engine: 1,2]"
        ),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(
            help="instead of --concurrency: pages to send per second, at random times, such as "
            "0.5,1,2"
        ),
    ] = None,
    requests: Annotated[
        int | None,
        typer.Option(
            help="pages per level [default: 3 per request in flight, or 30 s of arrivals; at "
            "least 16]",
            min=2,
        ),
    ] = None,
    gpu: MeasuredGpu = None,
    password: Password = None,
    jpeg: Jpeg = False,
    seed: Annotated[
        int | None, typer.Option(help="seed of the random arrivals of --rate [default: 0]")
    ] = None,
    out: Annotated[str, typer.Option(help="folder for speed.json and speed.png")] = "bench-speed",
) -> None:
    """Measure throughput, latency, tokens and cost at several levels of load.

    It also finds the fewest pages in flight that reach 90 % of the best throughput.

    Pages are rendered and encoded before the clock starts. No page is sent twice, failed pages are
    not retried, and the first answers of each level are not measured. The table goes to standard
    output, progress to standard error. Exit status: 0 all pages read, 1 some failed, 2 wrong usage
    or input, 3 no endpoint.
    """
    from importlib.util import find_spec

    from lighton_ocr._extras import missing

    if not all(map(find_spec, _EXTRA)):
        raise missing("Measuring needs two more packages", "bench")
    from lighton_ocr.cli.bench_speed import SpeedJob, run

    job = SpeedJob(
        files=tuple(files or ()),
        url=url,
        model=model,
        concurrency=concurrency,
        rate=rate,
        requests=requests,
        gpu=gpu,
        password=password,
        encoding="jpeg" if jpeg else "png",
        seed=seed or 0,
        out=out,
    )
    raise typer.Exit(run(job))


@app.command(cls=Command)
def quality(
    url: Annotated[str | None, typer.Option(help="endpoint to measure")] = None,
    model: Annotated[
        str | None, typer.Option(help="model to measure here, in the embedded engine")
    ] = None,
    program: Annotated[
        str | None,
        typer.Option("--with", help="another reader to measure: tesseract, rapidocr, pdftotext"),
    ] = None,
    data: Annotated[
        str, typer.Option(help="folder in olmOCR-bench's layout; results are also written there")
    ] = "olmOCR-bench",
    download: Annotated[
        bool, typer.Option("--download", help="first download olmOCR-bench there")
    ] = False,
    name: Annotated[
        str | None, typer.Option(help="folder for the texts, in --data [default: the reader]")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(help="read only this many pages, from all categories", min=1)
    ] = None,
    as_published: Annotated[
        bool,
        typer.Option(
            "--as-published",
            help="read three times without retries, as the authors do, and compare the scores",
        ),
    ] = False,
    gpu: MeasuredGpu = None,
    browser: Annotated[
        str | None,
        typer.Option(help="Chromium or Chrome, to draw formulas [default: the one on the PATH]"),
    ] = None,
) -> None:
    """Measure how well pages are read, with the tests and the scorer of olmOCR-bench.

    Run the same command again to resume. Pages are read as images: the file's own text is not used.
    The scores go to standard output; quality.json and quality.html, which shows each failure beside
    its page, are written beside the texts. Exit status: 0 all pages read, 1 some failed, 2 wrong
    usage or input, 3 no endpoint.
    """
    from lighton_ocr.cli.bench_quality import QualityJob, reader_of, run

    reader = reader_of(url, model, program)
    job = QualityJob(reader, data, download, name, sample, as_published, gpu, browser)
    raise typer.Exit(run(job))
