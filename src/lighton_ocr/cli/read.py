"""`lighton-ocr read`: convert documents to text."""

from typing import Annotated

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


def read(
    files: Annotated[
        list[str],
        typer.Argument(help="PDFs, images, http(s) URLs, or - for standard input", metavar="FILE…"),
    ],
    pages: Annotated[
        str | None,
        typer.Option(help="pages to read, such as 1-3,7,-1 (-1 is the last) [default: all]"),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", help="file, or folder for several documents [default: stdout]"
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(help=f"{FORMAT_NAMES} [default: by the output's suffix, or md]"),
    ] = None,
    model: Model = None,
    url: Url = None,
    password: Password = None,
    jpeg: Jpeg = False,
    page_timeout: PageTimeout = None,
    own_text: OwnText = None,
    ocr_drafts: OcrDrafts = False,
    boxes: Boxes = False,
    margins: Margins = True,
    tables: Tables = None,
    page_breaks: PageBreak = "comment",
    per_page: PerPage = False,
    front_matter: FrontMatter = False,
) -> None:
    """Convert documents to Markdown, plain text, HTML, JSON, JSON lines or searchable PDFs.

    The text goes to standard output, everything else to standard error.

    Exit status: 0 all pages read, 1 some pages failed and the others are written, 2 wrong usage or
    input, 3 no endpoint available.

    Defaults come from LIGHTON_OCR_URL, LIGHTON_OCR_API_KEY and LIGHTON_OCR_MODEL, then from
    config.toml in your configuration folder.
    """
    from lighton_ocr.cli.read_job import ReadJob
    from lighton_ocr.cli.read_run import run
    from lighton_ocr.formats.options import OutputOptions

    job = ReadJob(
        files=tuple(files),
        pages=pages,
        output=output,
        format=format,
        model=model,
        url=url,
        password=password,
        encoding="jpeg" if jpeg else "png",
        page_timeout=page_timeout,
        own_text=own_text,
        ocr_drafts=ocr_drafts,
        boxes=boxes,
        options=OutputOptions(tables, page_breaks, margins, front_matter, per_page),
    )
    raise typer.Exit(run(job))
