"""Options that several commands have."""

from typing import Annotated

import typer

Password = Annotated[
    str | None,
    typer.Option(help="for encrypted PDFs", envvar="LIGHTON_OCR_PASSWORD", show_envvar=True),
]
