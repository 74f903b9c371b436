"""The pocket model reads the data set's pages as well as when they were measured.

The gate is tried as well: it must notice a wrong page size, a wrong prompt and a lost retry.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lighton_ocr.bench.quality.data_set import DataSet
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import RequestFailed
from lighton_ocr.reading import retries
from lighton_ocr.reading.client import PageClient, PageRequest
from lighton_ocr.reading.stream import Answer
from tests.support.quality_gate import complaints, fast, linked


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    return linked(tmp_path)


async def test_pages_are_read_as_well_as_measured(pocket: Endpoint, data: DataSet) -> None:
    assert await complaints(pocket, data, "whole") == []


async def test_a_wrong_page_size_is_noticed(
    pocket: Endpoint, data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(endpoint: Endpoint) -> Geometry:
        return Geometry(endpoint.model.edge // 2, endpoint.model.grid)

    monkeypatch.setattr(Geometry, "of", half)
    found = await complaints(pocket, fast(data), "half")
    assert any("prompt tokens" in complaint for complaint in found)


async def test_a_wrong_prompt_is_noticed(
    pocket: Endpoint, data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    body: Callable[[PageClient, PageRequest], dict[str, Any]] = PageClient._body

    def with_question(self: PageClient, request: PageRequest) -> dict[str, Any]:
        asked = body(self, request)
        asked["messages"][0]["content"].append({"type": "text", "text": "What is on this page?"})
        return asked

    monkeypatch.setattr(PageClient, "_body", with_question)
    found = await complaints(pocket, fast(data), "asked")
    assert any("prompt tokens" in complaint for complaint in found)


async def test_a_lost_retry_is_noticed(
    pocket: Endpoint, data: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a connection that drops the first answer to each page."""
    send = PageClient.send
    dropped = set()

    async def drop_first(
        self: PageClient, request: PageRequest, on_text: Callable[[str], bool]
    ) -> Answer:
        if request.page.data not in dropped:
            dropped.add(request.page.data)
            raise RequestFailed("the connection was lost")
        return await send(self, request, on_text)

    monkeypatch.setattr(PageClient, "send", drop_first)
    assert await complaints(pocket, fast(data), "dropped") == []
    dropped.clear()
    monkeypatch.setattr(retries, "ATTEMPTS_PER_IMAGE", 1)
    found = await complaints(pocket, fast(data), "lost")
    assert [complaint.split(":")[0] for complaint in found] == ["baseline", "receipts"]
