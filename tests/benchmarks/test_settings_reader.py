"""The study of settings changes what it says it changes: it reaches into the reader for that."""

import os
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest
from benchmarks.settings_reader import MODEL, BenchPage, Row, Setting, SettingsReader

from lighton_ocr.documents import prepare
from lighton_ocr.documents.pages import PageOptions
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading import retries
from tests.support.scripted_endpoint import ScriptedEndpoint, says
from tests.support.scripted_reading import document, embedded


@pytest.fixture(autouse=True)
def _loops_end_after_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "LoopDetector", retries.LoopDetector)  # type: ignore[attr-defined]


async def read(endpoint: Endpoint, **setting: Any) -> Row:
    engine: Any = SimpleNamespace(_process=SimpleNamespace(pid=os.getpid()))
    with ExitStack() as stack, document(lines=20) as opened:
        reader = SettingsReader(stack, ())
        reader._engines[MODEL.edge] = engine, embedded(endpoint)
        page = BenchPage("a", "page 1", lambda size: prepare(opened, 0, PageOptions(size)))
        return await reader.read(page, Setting("a", **setting), {})


async def test_loops_are_stopped_or_not(scripted: ScriptedEndpoint, endpoint: Endpoint) -> None:
    scripted.default = says("page 1 " * 300, pieces=300)
    assert "loop" in str((await read(endpoint))["attempts"])
    assert "loop" not in str((await read(endpoint, stops_loops=False))["attempts"])


async def test_a_field_of_the_policy(scripted: ScriptedEndpoint, endpoint: Endpoint) -> None:
    await read(endpoint, policy={"temperature": 0.7})
    assert scripted.bodies[0]["temperature"] == 0.7
