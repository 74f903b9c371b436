"""What the client does with connections, and says of a server that gives no answer."""

import asyncio
import socket
from contextlib import ExitStack
from dataclasses import replace

import httpx2
import pytest
from PIL import Image

from lighton_ocr.documents.pages import encode, page_image
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import EndpointBusy
from lighton_ocr.reading import client
from lighton_ocr.reading.attempts import AttemptSettings
from lighton_ocr.reading.client import PageClient, PageRequest
from tests.support.scripted_endpoint import ScriptedEndpoint

PAGE = encode(page_image(0, Image.new("L", (56, 56)), (20, 20)))


async def ask(endpoint: Endpoint, times: int = 1) -> None:
    async with PageClient(endpoint) as asking:
        for _ in range(times):
            await asking.send(PageRequest(PAGE, AttemptSettings(0.2, 0.9, 8)), lambda _: False)


@pytest.mark.parametrize(
    ("connect", "read", "sentence"),
    [(5.0, 0.01, "did not answer within"), (0.01, 5.0, "cannot be reached")],
)
async def test_a_silent_server_is_told_from_one_that_is_not_there(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, connect: float, read: float, sentence: str
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", httpx2.Timeout(read, connect=connect))
    # It listens and never accepts: one connection has room to wait, others are not answered.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent, ExitStack() as waiting:
        port = silent.getsockname()[1]
        if sentence == "cannot be reached":
            waiting.enter_context(socket.create_connection(("127.0.0.1", port)))
        with pytest.raises(EndpointBusy, match=sentence):
            await ask(replace(endpoint, base_url=f"http://127.0.0.1:{port}/v1"))


@pytest.mark.parametrize(("llama_cpp", "connections"), [(True, 3), (False, 1)])
async def test_a_connection_serves_the_next_page_unless_the_server_would_close_it(
    scripted: ScriptedEndpoint, endpoint: Endpoint, llama_cpp: bool, connections: int
) -> None:
    await ask(replace(endpoint, software="llama.cpp" if llama_cpp else "vllm"), times=3)
    assert len(scripted.ports) == 3
    assert len(set(scripted.ports)) == connections


async def test_a_server_that_hangs_up_is_not_called_unreachable(endpoint: Endpoint) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b'"stream":true')  # all but the end of the page
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(EndpointBusy, match="closed the connection without an answer"):
            await ask(replace(endpoint, base_url=f"http://127.0.0.1:{port}/v1"))
