"""`lighton-ocr serve`: documents over HTTP."""

from typing import Annotated, Literal

import typer

from lighton_ocr.cli.options import Model, UrlNotEngine


def serve(
    engine: Annotated[
        Literal["embedded", "vllm"] | None,
        typer.Option(help="engine to start [default: embedded]"),
    ] = None,
    url: UrlNotEngine = None,
    model: Model = None,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    api_key: Annotated[
        str | None,
        typer.Option(
            help="key that clients must send; needed to listen on addresses that other machines "
            "can reach",
            envvar="LIGHTON_OCR_SERVER_KEY",
            show_envvar=True,
        ),
    ] = None,
    allow_urls: Annotated[
        bool, typer.Option("--allow-urls", help="fetch documents from URLs on the public internet")
    ] = False,
    port: Annotated[
        int, typer.Option(help="port to listen on; 0 chooses a free one", min=0, max=65535)
    ] = 8000,
    show: Annotated[
        bool, typer.Option("--open", help="open the studio in a browser when it is ready")
    ] = False,
) -> None:
    """Serve documents over HTTP, with the studio for browsers.

    POST /v1/ocr takes a PDF or an image and answers in the schema of Mistral's OCR API, as a stream
    of events, or in one of the formats of `lighton-ocr read`.
    """
    from lighton_ocr.cli.serve_run import ServeJob, run

    run(ServeJob(engine, url, model, host, port, api_key, allow_urls, show))
