"""Listen on a port and serve an app until a signal stops it, or its engine ends."""

import asyncio
import ctypes
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette

from lighton_ocr.errors import UsageError
from lighton_ocr.server.connection import Connection

_GRACE_SECONDS = 5  # for requests in flight, when the server is to end
_BACKLOG = 2048
_FILES_PER_CONNECTION = 3  # itself, a file that is sent, and what reads its pages
_OTHER_FILES = 64
_MMAP_THRESHOLD = -3  # mallopt's name for the size from which a buffer is the system's own
_LARGE_BUFFER = 256 << 10
_TICKS_PER_LOOK = 10  # uvicorn ticks ten times a second
_LOOK_SECONDS = 1.0


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
            f"Cannot listen on {host}:{port}: {fault}. Choose another with --host or --port."
        ) from None


def make_room_for_connections() -> None:
    """Raise this process's limit of open files to what its connections need.

    Where that is not possible, fewer connections are allowed.
    """
    try:
        import resource
    except ImportError:  # Windows counts differently
        return
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = Connection.most * _FILES_PER_CONNECTION + _OTHER_FILES
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    if limit != resource.RLIM_INFINITY and limit < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
        limit = wanted
    if limit != resource.RLIM_INFINITY:
        room = (limit - _OTHER_FILES) // _FILES_PER_CONNECTION
        Connection.most = max(1, min(Connection.most, room))


def return_large_buffers() -> None:
    """Let glibc give each large buffer back to the system when it is freed.

    Once one was freed, glibc would take others of its size from the heap, where what lies behind
    them keeps their memory (mallopt(3)): a server would grow with its largest requests.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, _LARGE_BUFFER)


class Server(uvicorn.Server):
    """Calls `on_ready` when it takes requests; `run` serves until SIGINT or SIGTERM.

    It also ends if nobody listens at `engine` any longer, the address of a process that only this
    one uses, and `engine_has_ended` says so then.
    """

    engine_has_ended = False

    def __init__(
        self, app: Starlette, on_ready: Callable[[], None], engine: str | None = None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Connection,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,  # anyone could name any address as its own
                # As many are taken at once, before those that are too many are closed.
                backlog=max(16, min(_BACKLOG, Connection.most // 4)),
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self._on_ready = on_ready
        self._engine = engine

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._on_ready()

    async def on_tick(self, counter: int) -> bool:
        """Return whether to end."""
        if self._engine and counter % _TICKS_PER_LOOK == 0:
            self.engine_has_ended = not await _listens(self._engine)
        return self.engine_has_ended or await super().on_tick(counter)


async def _listens(url: str) -> bool:
    """Whether a process listens at an address of this machine; only a refusal says no."""
    address = urlsplit(url)
    with suppress(OSError):  # it is busy, or this process has too many files open
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                _, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.close()
        except ConnectionRefusedError:
            return False
    return True


def address_of(listening: socket.socket) -> str:
    """Return the address of a server as a browser takes it."""
    host, port, *_ = listening.getsockname()
    if host in ("0.0.0.0", "::"):  # noqa: S104 - every address of this machine
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
