"""`lighton-ocr check`: is this deployment right?"""

from typing import Annotated

import typer

from lighton_ocr.cli.options import Password


def check(
    file: Annotated[
        str | None,
        typer.Argument(help="a document to try; else a letter of our own", metavar="[FILE]"),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="the endpoint to check; else the embedded engine")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="what it should serve, a name from `lighton-ocr models`")
    ] = None,
    page: Annotated[int, typer.Option(help="which page of FILE, from 1", min=1)] = 1,
    password: Password = None,
    stream: Annotated[
        bool, typer.Option("--stream/--no-stream", help="read the page streamed, too")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="print the report as JSON")] = False,
) -> None:
    """Ask a running server one question after the other, and say what is wrong with it.

    Is it up, is it the model that was asked for, is it closed to strangers, does it read a page,
    how fast, and what does it do with too many or too large pictures? A server that is still
    starting is waited for. "not applicable" means that this server cannot answer, which is no
    success. Exit status: 0 nothing failed, 1 something did, 2 wrong usage or input, 3 no endpoint.
    """
    from lighton_ocr._examples import LETTER, example
    from lighton_ocr.api import open_endpoint
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
            report = run_checks(endpoint, document, index, stream=stream, on_result=show)
    if json:
        typer.echo(as_json(report))
    else:
        print_summary(report)
    raise typer.Exit(0 if report.passed else 1)
