"""`lighton-ocr status`: show the progress of a batch."""

from typing import Annotated

import typer


def status(
    out: Annotated[str, typer.Argument(help="the --out of the batch", metavar="DIR|s3://…")],
    pages: Annotated[bool, typer.Option("--pages", help="also show every warning")] = False,
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
    review: Annotated[
        int,
        typer.Option(help="list only the N pages that most deserve a look", min=0, metavar="N"),
    ] = 0,
) -> None:
    """Show the progress of a batch that is running, stopped or complete."""
    from lighton_ocr.batch.review import pages_to_review
    from lighton_ocr.batch.status import read_status
    from lighton_ocr.cli.display import notice

    found = read_status(out)
    if not review:
        typer.echo(found.as_json() if json else found.describe(pages))
        return
    advised = pages_to_review(out, review)
    for page in advised:
        typer.echo(page.as_json() if json else page.describe())
    if not advised:
        notice("No page deserves a look.")
