"""Listen on a port and serve an app until a signal ends it."""

import socket
from collections.abc import Callable
from contextlib import closing

import uvicorn
from fastapi import FastAPI

from lighton_ocr.errors import UsageError

_GRACE_SECONDS = 5  # for requests in flight, when the server is to end
_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes a free one.

    Raises:
        UsageError: the port is taken, or the host is not one of this machine.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        fault = getattr(error, "strerror", None) or error
        raise UsageError(
            f"{host}:{port} cannot be listened on: {fault}. Choose another with --host or --port."
        ) from None


def run_server(app: FastAPI, listening: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve an app until SIGINT or SIGTERM; `on_ready` is called when it takes requests."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            on_ready()

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    with closing(listening):
        Server(config).run([listening])


def address_of(listening: socket.socket) -> str:
    """Return the address of a server as a browser takes it."""
    host, port, *_ = listening.getsockname()
    if host in ("0.0.0.0", "::"):  # noqa: S104 - every address of this machine
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
