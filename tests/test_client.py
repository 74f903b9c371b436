"""What the client says of a server that is silent."""

import socket
from dataclasses import replace

import httpx2
import pytest
from PIL import Image

from lighton_ocr import client
from lighton_ocr.client import Busy, PageClient, PageRequest
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.pages import encode, page_image


@pytest.mark.parametrize(
    ("connect", "read", "sentence"),
    [(5.0, 0.01, "did not answer within"), (1e-9, 5.0, "cannot be reached")],
)
async def test_a_silent_server_is_told_from_one_that_is_not_there(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, connect: float, read: float, sentence: str
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", httpx2.Timeout(read, connect=connect))
    page = encode(page_image(0, Image.new("L", (56, 56)), (20, 20)))
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it listens, and never accepts
        port = silent.getsockname()[1]
        there = replace(endpoint, base_url=f"http://127.0.0.1:{port}/v1")
        async with PageClient(there) as asking:
            with pytest.raises(Busy, match=sentence):
                await asking.ask(PageRequest(page, 0.2, 0.9, 8), lambda _: False)
