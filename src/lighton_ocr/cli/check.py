"""`lighton-ocr check`: check that a deployment works."""

from typing import Annotated

import typer

from lighton_ocr.cli.options import Password


def check(
    file: Annotated[
        str | None,
        typer.Argument(help="document to read [default: bundled letter]", metavar="[FILE]"),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="endpoint to check [default: embedded engine]")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="model that it should serve, from `lighton-ocr models`")
    ] = None,
    page: Annotated[int, typer.Option(help="page of FILE, from 1", min=1)] = 1,
    password: Password = None,
    stream: Annotated[
        bool, typer.Option("--stream/--no-stream", help="also read the page with streaming")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="print the report as JSON")] = False,
) -> None:
    """Check that a deployment works.

    Checks that the server is up, serves the right model, refuses requests without the key, reads a
    page (and how fast), and handles requests with too many or too large images. Waits for a server
    that is still starting. "not applicable" means that a check cannot be made with this server.
    Exit status: 0 no check failed, 1 one or more failed, 2 wrong usage or input, 3 no endpoint.
    """
    from lighton_ocr._examples import LETTER, example
    from lighton_ocr.api import open_endpoint
    from lighton_ocr.catalog import POCKET
    from lighton_ocr.check import run_checks
    from lighton_ocr.cli.check_report import as_json, print_result, print_summary
    from lighton_ocr.cli.display import notice
    from lighton_ocr.documents import choose_pages, load_source, open_document

    source = load_source(file or str(example(LETTER)))
    with open_document(source, password) as document:
        (index,) = choose_pages(str(page), document.page_count, document.name)
        with open_endpoint(url, model, on_notice=notice) as endpoint:
            notice(f"Checking {endpoint.label} with page {page} of {document.name} …")
            show = (lambda _: None) if json else print_result
            # The pocket model and the letter come with the package: what it reads is known.
            own = file is None and endpoint.model.id == POCKET
            report = run_checks(
                endpoint, document, index, stream=stream, every_word=own, on_result=show
            )
    if json:
        typer.echo(as_json(report))
    else:
        print_summary(report)
    raise typer.Exit(0 if report.passed else 1)
