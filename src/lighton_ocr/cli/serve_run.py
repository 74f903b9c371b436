"""Run `lighton-ocr serve`: listen, open the endpoint, serve until Ctrl-C or the engine's end."""

import webbrowser
from contextlib import suppress
from dataclasses import dataclass

from lighton_ocr._extras import missing
from lighton_ocr.api import open_endpoint
from lighton_ocr.cli.display import notice
from lighton_ocr.documents.web import FetchLimits
from lighton_ocr.endpoint import Engine, is_loopback
from lighton_ocr.errors import EngineFailed, UsageError

try:
    from lighton_ocr.server.app import create_app
    from lighton_ocr.server.limits import ServerLimits
    from lighton_ocr.server.run import (
        Server,
        address_of,
        listen,
        make_room_for_connections,
        return_large_buffers,
    )
    from lighton_ocr.server.url_fetcher import UrlFetcher
except ImportError:
    raise missing("`lighton-ocr serve` needs FastAPI and uvicorn", "serve") from None


@dataclass(frozen=True)
class ServeJob:
    """One call of `lighton-ocr serve`."""

    engine: Engine | None
    url: str | None
    model: str | None
    host: str
    port: int
    api_key: str | None
    allow_urls: bool
    show: bool


def run(job: ServeJob) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        UsageError: the options make no sense, or the port is taken.
        EndpointError: no endpoint available, or the engine that was started for it has ended.
    """
    if not job.api_key and not is_loopback(f"http://{job.host}"):
        raise UsageError(
            f"{job.host} can be reached from other machines: set a key with --api-key or "
            "LIGHTON_OCR_SERVER_KEY, or leave --host out."
        )
    fetcher = UrlFetcher(FetchLimits(bytes=ServerLimits().body_bytes)) if job.allow_urls else None
    with (
        listen(job.host, job.port) as listening,
        suppress(KeyboardInterrupt),  # uvicorn raises the signal again when it has ended
        open_endpoint(job.url, job.model, engine=job.engine, on_notice=notice) as endpoint,
    ):
        address = address_of(listening)

        def on_ready() -> None:
            if job.show:
                webbrowser.open(address)
            notice(f"Serving {endpoint.model.id} at {address} (stop it with Ctrl-C).")

        make_room_for_connections()
        return_large_buffers()
        app = create_app(endpoint, api_key=job.api_key, fetcher=fetcher)
        server = Server(app, on_ready, endpoint.base_url if endpoint.managed else None)
        server.run([listening])
        if server.engine_has_ended:
            raise EngineFailed("The engine has ended, and so does the server. Start it again.")
