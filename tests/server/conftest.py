"""A server in front of the real engine, for all tests of this folder."""

from collections.abc import Iterator

import httpx2
import pytest

from lighton_ocr.documents.sources import FetchLimits
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from lighton_ocr.server.url_fetcher import UrlFetcher
from tests.support.running_server import running

WEB = "127.0.0.2"  # what these tests take for the public internet


@pytest.fixture(scope="session")
def server(pocket: Endpoint) -> Iterator[str]:
    """The server's address."""
    fetcher = UrlFetcher(FetchLimits(bytes=1 << 20), lambda address, _: str(address) == WEB)
    with running(create_app(pocket, fetcher=fetcher)) as url:
        yield url


@pytest.fixture
def http(server: str) -> Iterator[httpx2.Client]:
    """A plain client of that server."""
    with httpx2.Client(base_url=server, timeout=120) as client:
        yield client
