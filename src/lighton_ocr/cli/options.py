"""Options that several commands share."""

from typing import Annotated, Literal

import typer

from lighton_ocr.formats import FORMATS

FORMAT_NAMES = ", ".join(FORMATS)

Password = Annotated[
    str | None,
    typer.Option(
        help="password of encrypted PDFs", envvar="LIGHTON_OCR_PASSWORD", show_envvar=True
    ),
]

PageTimeout = Annotated[
    float | None,
    typer.Option(
        help="limit for one page, all attempts together "
        "[default: 60 for the pocket model, none on a GPU]",
        min=1.0,
        metavar="SECONDS",
    ),
]

OwnText = Annotated[
    Literal["check", "correct", "off"] | None,
    typer.Option(
        help="compare the text with the file's own, or also correct misread words by it "
        "[default: correct for the pocket model, else check]",
    ),
]
