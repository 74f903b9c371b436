"""Bad answers and errors: asked again, with pauses, within a page's budget."""

import asyncio
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from starlette.responses import Response

from lighton_ocr.documents import Source, open_document
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import EndpointBusy
from lighton_ocr.reading.attempts import PageBudget
from lighton_ocr.reading.reader import Reader
from lighton_ocr.reading.retries import ATTEMPTS_PER_IMAGE, _pause
from tests.support.scripted_endpoint import (
    ScriptedEndpoint,
    breaks,
    error_event,
    garbage,
    never_ends,
    says,
    status,
)
from tests.support.scripted_reading import document, results

AT_ONCE = {"retry-after-ms": "1"}


async def test_a_page_has_its_time_and_no_more(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    begun = asyncio.Event()

    def slow(body: dict[str, Any]) -> Response:
        begun.set()
        return never_ends()

    scripted.default = slow
    with document(lines=28) as opened:
        async with Reader(endpoint, budget=PageBudget(seconds=0.5)) as reader:
            (result,) = [found async for found in reader.read(opened)]
    assert begun.is_set()
    assert (result.text, result.finish, result.doubt) == ("And ", "timeout", "timeout")
    assert len(result.attempts) == len(scripted.bodies) == 1
    assert result.warnings == (
        "Page 1: the page's time limit was reached (--page-timeout sets another).",
    )


async def test_a_page_has_so_many_attempts_and_no_more(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.default = says("Start. " + "The default is used. " * 3000, "length", 600)
    with document(lines=28) as opened:
        async with Reader(endpoint, budget=PageBudget(attempts=3)) as reader:
            (result,) = [found async for found in reader.read(opened)]
    assert len(result.attempts) == len(scripted.bodies) == 3
    assert (result.text, result.finish) == ("Start. The default is used", "loop")


@pytest.mark.parametrize("code", [408, 409, 429, 500, 503])
async def test_refused_requests_are_repeated_and_counted(
    scripted: ScriptedEndpoint, endpoint: Endpoint, code: int
) -> None:
    scripted.script = [status(code, headers=AT_ONCE), status(code, headers=AT_ONCE)]
    (result,) = await results(endpoint)
    assert (result.finish, len(result.attempts)) == ("stop", 3)
    assert len(scripted.bodies) == 3


@pytest.mark.parametrize("fault", [breaks("Hello fr"), garbage, error_event, says("cut", None)])
async def test_a_broken_stream_is_asked_for_again(
    scripted: ScriptedEndpoint, endpoint: Endpoint, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighton_ocr.reading.retries._PAUSES", (0.0,) * 7)
    scripted.script = [fault]  # type: ignore[list-item]
    (result,) = await results(endpoint)
    assert (result.text, len(result.attempts)) == ("Hello from the page.", 2)


async def test_attempts_are_bounded_whatever_the_reason(
    scripted: ScriptedEndpoint, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighton_ocr.reading.retries._PAUSES", (0.0,) * 50)
    scripted.script = [breaks("x"), status(500, headers=AT_ONCE)] * 50
    (result,) = await results(endpoint)
    assert result.failed
    assert len(result.attempts) == len(scripted.bodies) == ATTEMPTS_PER_IMAGE
    assert "Page 1 could not be read" in result.warnings[0]


async def test_a_page_without_an_answer_is_asked_for_again_and_warned_of(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.default = says("")
    (result,) = await results(endpoint)
    assert (result.text, result.finish, result.doubt) == ("", "stop", "empty")
    assert [body["temperature"] for body in scripted.bodies] == [0.2, 0.5]
    assert result.warnings == ("Page 1: the model wrote nothing, in every attempt.",)


async def test_an_empty_answer_to_an_empty_page_is_right(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.default = says("")
    speck = Image.new("L", (1008, 1288), 250)
    speck.paste(0, (500, 600, 504, 604))
    speck.save(file := BytesIO(), "PNG")
    with open_document(Source("specks.png", file.getvalue())) as opened:
        async with Reader(endpoint) as reader:
            (result,) = [found async for found in reader.read(opened)]
    assert (result.text, result.warnings, len(scripted.bodies)) == ("", (), 1)


def test_a_retry_after_of_zero_is_a_pause_all_the_same() -> None:
    assert 3.0 <= _pause(EndpointBusy("", 0.0), 4.0) <= 4.0
    assert 10.0 <= _pause(EndpointBusy("", 10.0), 4.0) <= 12.5
