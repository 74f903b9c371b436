"""`lighton-ocr status`: how far a batch is."""

from typing import Annotated

import typer


def status(
    out: Annotated[str, typer.Argument(help="the batch's --out", metavar="DIR|s3://…")],
    json: Annotated[bool, typer.Option("--json", help="print it as JSON")] = False,
) -> None:
    """Say how far a batch is, whether it runs, was stopped, or has ended."""
    from lighton_ocr.batch.status import look

    found = look(out)
    typer.echo(found.as_json() if json else found.describe())
