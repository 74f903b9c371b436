"""Connections that get nowhere, and senders that take too much of the server."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lighton_ocr.engines.vllm.refusal import Message, Refused
from lighton_ocr.server.connection import Connection
from lighton_ocr.server.limits import ServerLimits
from lighton_ocr.server.traffic import Traffic
from lighton_ocr.server.url_fetcher import is_public
from tests.support.corpus import pdf
from tests.support.running_server import running
from tests.support.scripted_endpoint import ScriptedEndpoint
from tests.support.serve_command import serving_command

_LARGE = 64 << 20  # more than the buffers of two sockets hold
_GET = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that loses patience soon."""
    monkeypatch.setattr(Connection, "stall_seconds", 0.5)
    monkeypatch.setattr(Connection, "most", 4)

    async def large(_: Request) -> Response:
        return Response(bytes(_LARGE))

    with running(Starlette(routes=[Route("/large", large)])) as url:
        yield url


def connect(url: str, *, buffer: int | None = None) -> socket.socket:
    address = urlsplit(url)
    connection = socket.socket()
    if buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.settimeout(30)
    connection.connect((address.hostname, address.port))
    return connection


def received(connection: socket.socket) -> int:
    """Return how many bytes arrive until the server ends the connection."""
    total = 0
    try:
        while data := connection.recv(1 << 20):
            total += len(data)
    except ConnectionError:
        pass
    return total


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET /large HTTP/1.1\r\nHost: local"])
def test_headers_that_do_not_arrive(server: str, sent: bytes) -> None:
    with connect(server) as connection:
        connection.sendall(sent)
        assert received(connection) == 0


def test_half_a_second_request(server: str) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\n")
        assert 0 < received(connection) < 1000


def test_a_client_that_does_not_read_is_left(server: str) -> None:
    with connect(server, buffer=4096) as other, connect(server, buffer=4096) as connection:
        connection.sendall(_GET)
        assert received(other) == 0  # is ended for want of a request at the server's first look
        with connect(server) as third:
            assert received(third) == 0  # the second look
        with connect(server) as fourth:
            assert received(fourth) == 0  # the third
        assert received(connection) < _LARGE


def test_a_client_that_reads_slowly_gets_everything(server: str) -> None:
    with connect(server, buffer=4096) as connection:
        connection.sendall(_GET)
        total = 0
        while total < _LARGE:  # with so small a buffer, this takes longer than a few looks
            total += len(connection.recv(1 << 14))
    assert total >= _LARGE


def test_one_address_cannot_have_all_connections(server: str) -> None:
    first = [connect(server) for _ in range(3)]
    with connect(server) as one_too_many:
        assert received(one_too_many) == 0
    first[0].sendall(_GET)
    assert received(first[0]) > _LARGE
    for connection in first:
        connection.close()


@pytest.mark.slow
def test_idle_connections_leave_files_for_others(scripted: ScriptedEndpoint) -> None:
    """Of 256 files, 128 until the server asks for more, each connection may need three."""
    limits = "ulimit -S -n 128; ulimit -H -n 256"
    with serving_command("--url", scripted.url, limits=limits) as (process, url):
        idle = [connect(url) for _ in range(300)]
        other = httpx2.HTTPTransport(local_address="127.0.0.2")
        with httpx2.Client(base_url=url, transport=other, timeout=60) as client:
            answer = client.post("/v1/ocr", files={"file": ("a.pdf", pdf("a", 1))})
        assert answer.json()["pages"][0]["markdown"] == "Hello from the page."
        process.kill()
        assert process.stderr
        assert process.stderr.read() == ""
        for connection in idle:
            connection.close()


async def test_one_sender_cannot_have_all_that_arrives() -> None:
    answers: dict[str, int] = {}
    everybody_sends, two_answers = asyncio.Event(), asyncio.Event()
    limits = ServerLimits(all_bodies_bytes=100)

    async def app(_: Message, receive: object, send: object) -> None:
        await receive()  # type: ignore[operator]
        await everybody_sends.wait()
        await Refused(422, "Read.").answer(send)  # type: ignore[arg-type]

    traffic = Traffic(app, limits, lambda _: None)

    async def request(name: str, address: str, size: int) -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": bytes(size), "more_body": False}

        async def send(message: Message) -> None:
            if "status" in message:
                answers[name] = message["status"]
                if len(answers) == 2:
                    two_answers.set()

        scope = {"type": "http", "headers": [], "client": (address, 1)}
        await traffic(scope, receive, send)

    tasks = [
        asyncio.create_task(request(name, address, size))
        for name, address, size in (
            ("first", "1.1.1.1", 70),
            ("of the same", "1.1.1.1", 10),
            ("other", "2.2.2.2", 20),
            ("too much of all", "3.3.3.3", 20),
        )
    ]
    await two_answers.wait()
    everybody_sends.set()
    await asyncio.gather(*tasks)
    assert answers == {"first": 422, "of the same": 429, "other": 422, "too much of all": 503}
    await request("later", "1.1.1.1", 70)
    assert answers["later"] == 422


@pytest.mark.parametrize(
    "address", ["::7f00:1", "64:ff9b::a00:1", "fec0::1", "2001:0:7f00:1::", "5f00::1"]
)
def test_ipv6_forms_that_lead_to_private_networks(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    assert is_public(ipaddress.ip_address("2606:4700::1111"))
