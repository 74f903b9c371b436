"""Documents on the web are fetched from public addresses alone."""

import ipaddress
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lighton_ocr.documents.web import FetchLimits
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from lighton_ocr.server.url_fetcher import UrlFetcher
from tests.support.corpus import pdf
from tests.support.error_answers import error_sentence
from tests.support.running_server import running

pytestmark = pytest.mark.slow  # renderers are processes


def test_addresses_on_the_web(endpoint: Endpoint) -> None:
    """127.0.0.2 stands for the public internet here, 127.0.0.1 for a private network."""
    data = pdf("a", 1)

    async def to_private(request: Request) -> Response:
        return RedirectResponse(f"http://127.0.0.1:{request.url.port}/a.pdf")

    web = Starlette(
        routes=[
            Route("/a.pdf", lambda _: Response(data)),
            Route("/large", lambda _: Response(bytes(2 << 20))),
            Route("/private", to_private),
            Route("/loop", lambda _: RedirectResponse("/loop")),
            Route("/on", lambda _: RedirectResponse("/a.pdf")),
        ]
    )
    fetcher = UrlFetcher(FetchLimits(bytes=1 << 20), lambda ip, _: str(ip) == "127.0.0.2")
    with (
        running(web, host="127.0.0.2") as there,
        running(create_app(endpoint, fetcher=fetcher)) as url,
    ):
        for address, status, words in (
            (f"{there}/a.pdf", 200, ""),
            (f"{there}/on", 200, ""),
            (f"{there}/private", 422, "not on the public internet"),
            (f"{there}/loop", 422, "redirects too often"),
            (f"{there}/large", 422, "larger than 1 MiB"),
            (f"{there}/none", 422, "answers 404"),
            (there.replace("127.0.0.2", "127.0.0.1"), 422, "not on the public internet"),
            ("http://localhost/", 422, "not on the public internet"),
            ("http://nowhere.invalid/", 422, "cannot be found"),
            ("file:///etc/passwd", 422, "http(s)"),
        ):
            body: dict[str, Any] = {"document": {"type": "document_url", "document_url": address}}
            answer = httpx2.post(f"{url}/v1/ocr", json=body, timeout=60)
            assert (answer.status_code, address) == (status, address)
            assert status == 200 or words in error_sentence(answer)


def test_what_is_public() -> None:
    allows = UrlFetcher(FetchLimits())._allows
    for address in (
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1"),
        *("::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "224.0.0.1"),
    ):
        assert not allows(ipaddress.ip_address(address), 443)
    assert allows(ipaddress.ip_address("93.184.215.14"), 443)
    assert not allows(ipaddress.ip_address("93.184.215.14"), 22)
