"""A page's Markdown becomes HTML, as the studio shows text that was corrected."""

from collections.abc import Iterator

import httpx2
import pytest

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from tests.support.running_server import running

KEY = {"Authorization": "Bearer right"}


@pytest.fixture
def client(endpoint: Endpoint) -> Iterator[httpx2.Client]:
    with (
        running(create_app(endpoint, api_key="right")) as url,
        httpx2.Client(base_url=url, headers=KEY) as client,
    ):
        yield client


def test_markdown_becomes_html_without_what_runs_or_loads(client: httpx2.Client) -> None:
    markdown = "# Title\n\n$x^2$ <script>run()</script>\n\n![x](https://example.com/a.png)"
    html = client.post("/v1/html", json={"markdown": markdown}).json()["html"]
    assert "<h1>Title</h1>" in html
    assert "<msup>" in html
    assert "<script" not in html
    assert "<img" not in html


def test_what_is_no_page_is_refused(client: httpx2.Client) -> None:
    post = client.post
    assert post("/v1/html", json={"markdown": "a" * 100_001}).status_code == 422
    assert post("/v1/html", content=b'{"markdown": "\\ud800"}').status_code == 422
    assert (
        post("/v1/html", json={"markdown": "a"}, headers={"Authorization": ""}).status_code == 401
    )
