"""Options that several commands share."""

from typing import Annotated, Literal

import typer

from lighton_ocr.formats import FORMATS

FORMAT_NAMES = ", ".join(FORMATS)

Model = Annotated[
    str | None,
    typer.Option(help="a name from `lighton-ocr models` [default: pocket, or what the URL serves]"),
]

Url = Annotated[
    str | None,
    typer.Option(help="endpoint that serves the model [default: embedded engine]"),
]

UrlNotEngine = Annotated[
    str | None, typer.Option(help="endpoint that serves the model, instead of an engine")
]

MeasuredGpu = Annotated[
    str | None, typer.Option(help="GPU that it runs on, from `lighton-ocr gpus`; adds the cost")
]

Jpeg = Annotated[bool, typer.Option("--jpeg", help="send pages as JPEG: faster, but lossy")]

OcrDrafts = Annotated[
    bool,
    typer.Option(
        "--ocr-drafts",
        help="first read pages without text with Tesseract on this machine, as drafts for vLLM: "
        "gives the same text, faster if cores are idle",
    ),
]

Password = Annotated[
    str | None,
    typer.Option(
        help="password of encrypted PDFs", envvar="LIGHTON_OCR_PASSWORD", show_envvar=True
    ),
]

PageTimeout = Annotated[
    float | None,
    typer.Option(
        help="limit for one page, including retries "
        "[default: 60 for the pocket model, more for other embedded models, none on a GPU]",
        min=1.0,
        metavar="SECONDS",
    ),
]

Boxes = Annotated[
    bool,
    typer.Option(
        "--boxes",
        help="find the box of each block: boxes in JSON, figures as files beside the output",
    ),
]

Margins = Annotated[
    bool,
    typer.Option(
        help="keep headers, footers and page numbers (leaving them out needs a layout model)"
    ),
]

Tables = Annotated[
    Literal["md", "html"] | None,
    typer.Option(help="markup of tables in md and jsonl [default: the model's own]"),
]

PageBreak = Annotated[
    Literal["comment", "rule", "none"],
    typer.Option(help="between Markdown pages: <!-- page N --> and its warnings, ---, or nothing"),
]

PerPage = Annotated[
    bool, typer.Option("--per-page", help="write a file for each page, in NAME-pages/")
]

FrontMatter = Annotated[
    bool,
    typer.Option("--front-matter", help="begin Markdown with source, pages and model, as YAML"),
]

OwnText = Annotated[
    Literal["check", "correct", "off"] | None,
    typer.Option(
        help="compare the text with the file's own, or also correct misread words and replace "
        "unreadable pages with it [default: correct for the pocket model, check for others]",
    ),
]
