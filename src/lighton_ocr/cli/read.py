"""`lighton-ocr read`: documents to text."""

from typing import Annotated

import typer

from lighton_ocr.cli.options import PageTimeout, Password


def read(
    files: Annotated[
        list[str],
        typer.Argument(help="PDFs, images, http(s) URLs, or - for standard input", metavar="FILE…"),
    ],
    pages: Annotated[
        str | None, typer.Option(help="which pages: 1-3,7,-1 (from 1; -1 is the last)")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="file, or folder for several documents; else stdout"),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(help="md, html, json or jsonl; else by the output's suffix, else md"),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="a name from `lighton-ocr models`; else pocket, or the URL's")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="an endpoint that serves the model; else the embedded engine")
    ] = None,
    password: Password = None,
    jpeg: Annotated[
        bool, typer.Option("--jpeg", help="send pages as JPEG: smaller and faster, not lossless")
    ] = False,
    separators: Annotated[
        bool, typer.Option(help="write <!-- page N --> between the pages of Markdown")
    ] = True,
    page_timeout: PageTimeout = None,
) -> None:
    """Read documents and write their text as Markdown, HTML, JSON or JSON lines.

    The text goes to standard output, everything else to standard error. Exit status: 0 all pages
    read, 1 some pages failed and the rest is written, 2 wrong usage or input, 3 no endpoint.
    Defaults come from LIGHTON_OCR_URL, LIGHTON_OCR_API_KEY and LIGHTON_OCR_MODEL, then from
    config.toml in your configuration folder.
    """
    from lighton_ocr.cli.read_run import ReadJob, run

    job = ReadJob(
        files=tuple(files),
        pages=pages,
        output=output,
        format=format,
        model=model,
        url=url,
        password=password,
        encoding="jpeg" if jpeg else "png",
        separators=separators,
        page_timeout=page_timeout,
    )
    raise typer.Exit(run(job))
