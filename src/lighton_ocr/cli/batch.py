"""`lighton-ocr batch`: convert any number of documents."""

from typing import Annotated, Literal

import typer

from lighton_ocr.cli.options import (
    FORMAT_NAMES,
    Boxes,
    FrontMatter,
    Jpeg,
    Margins,
    Model,
    OcrDrafts,
    OwnText,
    PageBreak,
    PageTimeout,
    Password,
    PerPage,
    Tables,
    Url,
)


def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="files, folders, globs, @lists, http(s) URLs, s3:// and other fsspec URLs",
            metavar="INPUT…",
        ),
    ],
    out: Annotated[
        str, typer.Option(help="folder or bucket for the results", metavar="DIR|s3://…")
    ],
    format: Annotated[
        list[str] | None,
        typer.Option(help=f"{FORMAT_NAMES}; repeat for several [default: md]"),
    ] = None,
    model: Model = None,
    like: Annotated[
        str | None,
        typer.Option(
            help="with --on modal and a fine-tune (--model organisation/name): the checkpoint that "
            "it comes from",
            metavar="MODEL",
        ),
    ] = None,
    url: Url = None,
    on: Annotated[
        Literal["here", "modal", "ray"],
        typer.Option(help="this machine, the app of `make deploy`, or a Ray cluster"),
    ] = "here",
    engine: Annotated[
        Literal["embedded", "vllm"] | None,
        typer.Option(help="engine to start: embedded, or vllm on a GPU [default: embedded]"),
    ] = None,
    gpu: Annotated[
        str | None,
        typer.Option(help="GPU behind the endpoint (`lighton-ocr gpus`), to show the cost"),
    ] = None,
    password: Password = None,
    jpeg: Jpeg = False,
    force: Annotated[bool, typer.Option("--force", help="overwrite results that exist")] = False,
    max_failures: Annotated[
        int, typer.Option(help="stop when more pages and documents than this have failed", min=0)
    ] = 1000,
    page_timeout: PageTimeout = None,
    own_text: OwnText = None,
    ocr_drafts: OcrDrafts = False,
    boxes: Boxes = False,
    margins: Margins = True,
    tables: Tables = None,
    page_breaks: PageBreak = "comment",
    per_page: PerPage = False,
    front_matter: FrontMatter = False,
    json: Annotated[
        bool, typer.Option("--json", help="print the run's statistics as JSON")
    ] = False,
) -> None:
    """Convert many documents; run the same command again to resume.

    Each document is written when its last page has been read. manifest.jsonl has a line for each
    document. A journal records every page, so that none is read twice. Existing results are kept.
    Running the command again also retries failed pages and documents.

    Exit status: 0 all pages read, 1 some pages or documents failed, 2 wrong usage or an output that
    cannot be written, 3 no endpoint available, 130 interrupted.
    """
    from lighton_ocr.batch.resume import BatchPlan
    from lighton_ocr.batch.run import BatchListener
    from lighton_ocr.batch.session import BatchJob, run_batch
    from lighton_ocr.batch.stats import BatchStats
    from lighton_ocr.catalog import find_gpu
    from lighton_ocr.cli.batch_progress import batch_display, summarize
    from lighton_ocr.cli.display import notice, stderr, warn
    from lighton_ocr.cli.process import INTERRUPTED
    from lighton_ocr.cli.progress import PagesInFlight
    from lighton_ocr.formats.options import OutputOptions

    class BatchView(BatchListener, PagesInFlight):
        def on_warning(self, sentence: str) -> None:
            warn(sentence)

    options = OutputOptions(tables, page_breaks, margins, front_matter, per_page)
    formats = tuple(format or ["md"])
    plan = BatchPlan(tuple(inputs), formats, password, force, max_failures, options)
    job = BatchJob(
        plan,
        out,
        url=url,
        model=model,
        like=like,
        engine=engine,
        on=on,
        encoding="jpeg" if jpeg else "png",
        page_timeout=page_timeout,
        own_text=own_text,
        boxes=boxes,
        ocr_drafts=ocr_drafts,
    )
    stats = BatchStats(find_gpu(gpu).price_per_second if gpu is not None else None)
    listener = BatchView()
    try:
        with batch_display(stats, listener, stderr):
            run_batch(job, stats, listener, notice)
    except KeyboardInterrupt:
        collects = ", and collects what Modal reads in the meantime" if on == "modal" else ""
        warn(f"interrupted; the pages read so far are kept. The same command resumes{collects}.")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        if stats.documents_opened:
            notice(summarize(stats, out))
        if json:
            typer.echo(stats.as_json())
    raise typer.Exit(1 if stats.failures else 0)
