"""How the clients of mixed_load.py vanish: in a stream, in the upload, or silently."""

import asyncio
import random
import socket
import struct
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
from benchmarks.mixed_load_requests import GoodDocument

IDLE = {f"lighton_ocr_{name} 0.0" for name in ("requests_in_progress", "pages_in_flight")}


@dataclass(frozen=True)
class Address:
    """Where the server is, and its key."""

    url: str
    key: str

    def client(self, sender: str) -> httpx2.AsyncClient:
        """Return a client at an address of its own."""
        # uvicorn closes a connection that was idle for five seconds, perhaps just when it is used.
        limits = httpx2.Limits(keepalive_expiry=2)
        return httpx2.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.key}"},
            transport=httpx2.AsyncHTTPTransport(local_address=sender, limits=limits),
            timeout=300,
        )

    async def wait_until_idle(self, client: httpx2.AsyncClient) -> None:
        """Wait until no request is answered and no page is read."""
        while not set((await client.get("/metrics")).text.splitlines()) >= IDLE:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    def request(self, body: bytes, query: str = "") -> bytes:
        """Return the bytes of a request to read a document."""
        host = urlsplit(self.url).netloc
        return (
            f"POST /v1/ocr{query} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/pdf\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    async def connect(self, sender: str, *, small_buffer: bool = False) -> socket.socket:
        """Return a connection from an address of its own."""
        connection, address = socket.socket(), urlsplit(self.url)
        connection.setblocking(False)
        if small_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.bind((sender, 0))
        await asyncio.get_running_loop().sock_connect(connection, (address.hostname, address.port))
        return connection


@dataclass(frozen=True)
class Vanishing:
    """What a client does before it vanishes: it sends a `share` of its request, waits, or reads."""

    share: float = 1.0
    seconds: tuple[float, float] = (0.0, 0.0)  # at least, at most
    query: str = ""
    pages: int = 3
    reads_until: bytes = b""  # this has arrived
    small_buffer: bool = False
    cut: str = "body"  # or "headers": what a share is of

    async def act(self, server: Address, sender: str, dice: random.Random) -> None:
        """Connect, do so, and be gone: as a program that ends, or as one that is cut off."""
        loop = asyncio.get_running_loop()
        body = GoodDocument.draw(dice, self.pages).pdf()
        request = server.request(body, self.query)
        sent = int(self.share * len(request))
        if self.cut == "headers":
            sent = request.index(b"\r\n\r\n") - 1
        with await server.connect(sender, small_buffer=self.small_buffer) as connection:
            await loop.sock_sendall(connection, request[:sent])
            received = b""
            while self.reads_until and self.reads_until not in received:
                data = await loop.sock_recv(connection, 1 << 16)
                assert data, f"the server closed the connection, after {received[:300]!r}"
                received += data
            await asyncio.sleep(dice.uniform(*self.seconds))
            if dice.random() < 0.5:  # with a reset
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


Vanishings = dict[str, Vanishing]
VANISHING: Vanishings = {
    "at once": Vanishing(),
    "before the answer": Vanishing(seconds=(0, 2)),
    "in a stream": Vanishing(query="?stream=true", reads_until=b"event: text"),
    "after a page of a stream": Vanishing(query="?stream=true", reads_until=b"event: page_done"),
    "in the upload": Vanishing(share=0.6, seconds=(0, 0.5)),
    "in the upload, at once": Vanishing(share=0.9),
    "in the headers": Vanishing(cut="headers"),
}
VANISHING_LATE: Vanishings = {
    "silent in the upload": Vanishing(share=0.6, reads_until=b"408"),
    "silent in the headers": Vanishing(cut="headers", seconds=(40, 70)),
    "silent without a request": Vanishing(share=0, seconds=(40, 70)),
    "never reads": Vanishing(
        query="?stream=true&include_page_images=true",
        pages=60,
        seconds=(40, 100),
        small_buffer=True,
    ),
    "never reads, of one page": Vanishing(seconds=(10, 70), pages=1, small_buffer=True),
}
