"""`lighton-ocr batch`: any number of documents into a folder or bucket."""

from typing import Annotated, Literal

import typer

from lighton_ocr.cli.options import Password


def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="files, folders, globs, @lists, http(s) URLs, s3:// and other fsspec addresses",
            metavar="INPUT…",
        ),
    ],
    out: Annotated[
        str, typer.Option(help="folder or bucket for the results", metavar="DIR|s3://…")
    ],
    format: Annotated[
        list[str] | None,
        typer.Option(help="md (the default), html, json or jsonl; several times for several"),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="a name from `lighton-ocr models`; else pocket, or the URL's")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="an endpoint that serves the model; else the embedded engine")
    ] = None,
    on: Annotated[
        Literal["here", "modal", "ray"],
        typer.Option(help="where to read: here, in the app of `make deploy`, on a Ray cluster"),
    ] = "here",
    engine: Annotated[
        Literal["embedded", "vllm"] | None,
        typer.Option(help="start a server of our own: embedded (the default), or vllm, on a GPU"),
    ] = None,
    gpu: Annotated[
        str | None,
        typer.Option(help="what the endpoint runs on (`lighton-ocr gpus`), to tell the cost"),
    ] = None,
    password: Password = None,
    jpeg: Annotated[
        bool, typer.Option("--jpeg", help="send pages as JPEG: smaller and faster, not lossless")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="write over results that are there already")
    ] = False,
    max_failures: Annotated[
        int, typer.Option(help="stop when more pages and documents than this have failed", min=0)
    ] = 1000,
    json: Annotated[bool, typer.Option("--json", help="print the run's figures as JSON")] = False,
) -> None:
    """Read any number of documents; stop it at any moment, and the same command goes on.

    Each document's text is written when its last page is read, manifest.jsonl has a line for each
    document, and a journal beside them knows every page, so that none is read twice. Results that
    are there already are kept. The same command again tries what failed again. Exit status: 0 all
    read, 1 some pages or documents failed, 2 wrong usage or an output that cannot be written,
    3 no endpoint, 130 interrupted.
    """
    from lighton_ocr.batch.resume import BatchPlan
    from lighton_ocr.batch.run import BatchListener
    from lighton_ocr.batch.session import BatchJob, run_batch
    from lighton_ocr.batch.stats import BatchStats
    from lighton_ocr.catalog import find_gpu
    from lighton_ocr.cli.batch_progress import Progress, summarise
    from lighton_ocr.cli.display import notice, stderr, warn

    class Warnings(BatchListener):
        def on_warning(self, sentence: str) -> None:
            warn(sentence)

    plan = BatchPlan(tuple(inputs), tuple(format or ["md"]), password, force, max_failures)
    job = BatchJob(plan, out, url, model, engine, on, "jpeg" if jpeg else "png")
    figures = BatchStats(find_gpu(gpu).price_per_second if gpu is not None else None)
    try:
        with Progress(figures, stderr):
            run_batch(job, figures, Warnings(), notice)
    except KeyboardInterrupt:
        collects = " and collects what is read there meanwhile" if on == "modal" else ""
        warn(f"interrupted; what was read is kept, and the same command goes on{collects}.")
        raise typer.Exit(130) from None
    finally:
        if figures.documents_taken_up:
            notice(summarise(figures, out))
        if json:
            typer.echo(figures.as_json())
    raise typer.Exit(1 if figures.failures else 0)
