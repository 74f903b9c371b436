"""Options that several commands share."""

from typing import Annotated

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
