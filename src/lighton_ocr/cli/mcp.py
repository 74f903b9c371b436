"""`lighton-ocr mcp`: assistants read documents."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from lighton_ocr.cli.options import Model, UrlNotEngine


def mcp(
    root: Annotated[
        list[Path],
        typer.Option(help="folder whose documents may be read; repeat for several"),
    ],
    model: Model = None,
    url: UrlNotEngine = None,
) -> None:
    """Let an assistant read documents, through the Model Context Protocol.

    The assistant starts this command and communicates over standard input and output.
    """
    from lighton_ocr._extras import missing

    try:
        from lighton_ocr.mcp.server import create_server
    except ImportError:
        raise missing("`lighton-ocr mcp` needs the MCP SDK", "mcp") from None
    from lighton_ocr.api import open_endpoint
    from lighton_ocr.cli.display import notice
    from lighton_ocr.mcp.roots import Roots

    opening = partial(open_endpoint, url, model, on_notice=notice)
    create_server(Roots.of(root), opening).run("stdio")
