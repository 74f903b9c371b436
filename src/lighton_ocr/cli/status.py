"""`lighton-ocr status`: show the progress of a batch."""

from typing import Annotated

import typer


def status(
    out: Annotated[str, typer.Argument(help="the --out of the batch", metavar="DIR|s3://…")],
    pages: Annotated[bool, typer.Option("--pages", help="list every page with a warning")] = False,
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Show the progress of a batch that is running, stopped or complete."""
    from lighton_ocr.batch.status import read_status

    found = read_status(out)
    typer.echo(found.as_json() if json else found.describe(pages))
