"""`lighton-ocr compare`: the same pages through several readers, side by side."""

from typing import Annotated

import typer

from lighton_ocr.cli.options import Password


def compare(
    files: Annotated[
        list[str], typer.Argument(help="PDFs, images or http(s) URLs", metavar="FILE…")
    ],
    readers: Annotated[
        str,
        typer.Option(
            "--with",
            help="readers, separated by commas: tesseract, rapidocr, pdftotext, the name of a "
            "model, a URL, the folder of a batch",
            metavar="READER,…",
        ),
    ],
    pages: Annotated[
        str | None,
        typer.Option(help="pages of each file, such as 1-3,7,-1 [default: all]"),
    ] = None,
    truth: Annotated[
        str | None,
        typer.Option(
            help="text to compare with: a Markdown file with <!-- page N --> between pages, or "
            "`own` for the PDF's own text",
        ),
    ] = None,
    gpu: Annotated[
        str | None,
        typer.Option(help="GPU behind the URLs, from `lighton-ocr gpus`; adds the cost"),
    ] = None,
    password: Password = None,
    out: Annotated[str, typer.Option(help="web page to write")] = "comparison.html",
) -> None:
    """Read the same pages with several readers and show their texts side by side.

    The table on standard output has each reader's time, cost, and agreement with the truth or with
    the first reader. The web page shows each page beside its texts, with differences marked; the
    pages that deserve a look come first. Exit status: 0 all pages read, 1 some failed, 2 wrong
    usage or input, 3 no endpoint.
    """
    from lighton_ocr.cli.compare_run import CompareJob, run

    job = CompareJob(tuple(files), tuple(readers.split(",")), pages, truth, gpu, password, out)
    raise typer.Exit(run(job))
