"""`lighton-ocr bench`: how fast an endpoint is."""

from typing import Annotated

import typer

from lighton_ocr.cli.options import Password

_EXTRA = ("matplotlib", "prometheus_client")

app = typer.Typer(help="Measure an endpoint.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def bench() -> None:
    """Measure an endpoint."""


@app.command()
def speed(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="documents to read; else examples of our own", metavar="[FILE…]"),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="the endpoint to measure; else the embedded engine")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="a name from `lighton-ocr models`; else what the URL serves")
    ] = None,
    concurrency: Annotated[
        str | None,
        typer.Option(help="pages in flight, one level each: 1,8,32; else 1,2,4 … 64, embedded 1,2"),
    ] = None,
    rate: Annotated[
        str | None, typer.Option(help="instead: pages arriving a second, at random: 0.5,1,2")
    ] = None,
    requests: Annotated[
        int | None,
        typer.Option(
            help="pages a level; else 3 for each in flight or 30 s of arrivals, 16 at least", min=2
        ),
    ] = None,
    gpu: Annotated[
        str | None, typer.Option(help="what it runs on, from `lighton-ocr gpus`: adds the cost")
    ] = None,
    password: Password = None,
    jpeg: Annotated[bool, typer.Option("--jpeg", help="send pages as JPEG")] = False,
    seed: Annotated[int, typer.Option(help="of the random arrivals")] = 0,
    out: Annotated[str, typer.Option(help="folder for speed.json and speed.png")] = "bench-speed",
) -> None:
    """Sweep the load on an endpoint: pages a second, latency, tokens, cost, and where the knee is.

    Pages are rendered and encoded before a clock starts, none is sent twice, each is asked for
    once, and each level's first answers are left out as warm-up. The table goes to standard output,
    progress to standard error. Exit status: 0 all pages read, 1 some failed, 2 wrong usage or
    input, 3 no endpoint.
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
        seed=seed,
        out=out,
    )
    raise typer.Exit(run(job))
