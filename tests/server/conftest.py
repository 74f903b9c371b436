"""A server in front of the real engine, for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from lighton_ocr.documents.web import FetchLimits
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from lighton_ocr.server.url_fetcher import UrlFetcher
from tests.support.corpus import pdf
from tests.support.examples import PLACE
from tests.support.running_server import running

WEB = "127.0.0.2"  # what these tests take for the public internet


@pytest.fixture(scope="session")
def note(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of one line, which the engine reads fast."""
    path = tmp_path_factory.mktemp("note") / "note.pdf"
    path.write_bytes(pdf(PLACE, 1, size=(460, 90)))
    return path


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
