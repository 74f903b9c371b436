import asyncio
import logging
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from lighton_ocr.documents import Document, Source, open_document
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.remote import connect
from lighton_ocr.errors import AccessDenied, EndpointBusy, ModelMissing
from lighton_ocr.reading.reader import Listener, Reader
from lighton_ocr.reading.results import PageResult
from lighton_ocr.reading.retries import ATTEMPTS_PER_IMAGE, _pause
from tests.support.scripted_endpoint import (
    ScriptedEndpoint,
    breaks,
    error_event,
    garbage,
    redirects,
    says,
    status,
)
from tests.support.scripted_reading import document, results

AT_ONCE = {"retry-after-ms": "1"}


async def test_a_page_is_read_as_the_model_wants_it(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    (result,) = await results(endpoint)
    assert (result.text, result.finish, len(result.attempts)) == ("Hello from the page.", "stop", 1)
    assert (result.prompt_tokens, result.completion_tokens) == (2145, 4)
    (body,) = scripted.bodies
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.2, 0.9, 4096)
    assert body["stream_interval"] == 64
    (part,) = body["messages"][0]["content"]  # one picture and no text: the prompt it was taught
    assert part["image_url"]["url"].startswith("data:image/png;base64,")


async def test_text_that_is_watched_comes_token_by_token(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    class Watching(Listener):
        live = True
        heard = ""

        def on_text(self, page: int, piece: str) -> None:
            self.heard += piece

    listener = Watching()
    await results(endpoint, listener=listener)
    assert listener.heard == "Hello from the page."
    assert "stream_interval" not in scripted.bodies[0]


async def test_other_servers_are_not_sent_what_only_vllm_knows(scripted: ScriptedEndpoint) -> None:
    scripted.owner = "llamacpp"
    endpoint = connect(scripted.url)
    await results(endpoint)
    assert "stream_interval" not in scripted.bodies[0]
    assert endpoint.enlarges_images


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


async def test_tries_are_bounded_whatever_the_reason(
    scripted: ScriptedEndpoint, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighton_ocr.reading.retries._PAUSES", (0.0,) * 50)
    scripted.script = [breaks("x"), status(500, headers=AT_ONCE)] * 50
    (result,) = await results(endpoint)
    assert result.failed
    assert len(result.attempts) == len(scripted.bodies) == ATTEMPTS_PER_IMAGE
    assert "Page 1 could not be read" in result.warnings[0]


async def test_a_page_that_is_refused_does_not_take_the_others_with_it(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.script = [says("one"), status(400, "image too odd"), says("three")]
    found = await results(endpoint, pages=3, concurrency=1)
    assert [result.text for result in found] == ["one", "", "three"]
    assert [result.failed for result in found] == [False, True, False]
    assert "image too odd" in found[1].warnings[0]
    assert len(scripted.bodies) == 3


async def test_a_page_without_an_answer_is_asked_for_again_and_warned_of(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.default = says("")
    (result,) = await results(endpoint)
    assert (result.text, result.finish, result.doubt) == ("", "stop", "empty")
    assert [body["temperature"] for body in scripted.bodies] == [0.2, 0.5]
    assert result.warnings == ("Page 1: the model wrote nothing, to the last.",)


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


async def test_modals_redirect_is_followed(scripted: ScriptedEndpoint, endpoint: Endpoint) -> None:
    scripted.script = [redirects]
    (result,) = await results(endpoint)
    assert (result.text, len(result.attempts)) == ("Hello from the page.", 1)


async def test_readings_come_in_order_with_bounded_rendering(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    alive: set[int] = set()
    most = 0

    class Counting(Listener):
        def on_start(self, page: int) -> None:
            nonlocal most
            alive.add(page)
            most = max(most, len(alive))

        def on_page(self, document: Document, result: PageResult) -> None:
            alive.discard(result.page)

    found = await results(endpoint, pages=40, listener=Counting(), concurrency=4)
    assert [result.page for result in found] == list(range(1, 41))
    assert 1 < most <= 4


async def test_a_reader_that_is_left_early_cancels_what_is_in_flight(endpoint: Endpoint) -> None:
    with document(30) as opened:
        async with Reader(endpoint, concurrency=4) as reader:
            async for _ in reader.read(opened):
                break
        assert not [task for task in asyncio.all_tasks() if "_read_page" in repr(task)]


async def test_a_refused_key_ends_the_run(scripted: ScriptedEndpoint, endpoint: Endpoint) -> None:
    scripted.key = "right"
    with pytest.raises(AccessDenied, match="LIGHTON_OCR_API_KEY"):
        await results(endpoint)
    scripted.script = [status(404, "no such model")]
    scripted.key = None
    with pytest.raises(ModelMissing, match="no such model"):
        await results(endpoint)


async def test_a_foreign_key_in_the_environment_goes_nowhere(
    scripted: ScriptedEndpoint, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    await results(endpoint)
    assert "sk-secret" not in str(scripted.headers)


async def test_no_key_and_no_text_in_any_log(
    scripted: ScriptedEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    scripted.key = "wk-secret"
    scripted.default = says("The text of a private page.")
    with caplog.at_level(logging.DEBUG):
        endpoint = connect(scripted.url, "wk-secret")
        await results(endpoint)
    assert caplog.records
    assert "wk-secret" not in caplog.text
    assert "private" not in caplog.text
    assert "wk-secret" not in repr(endpoint)


def test_at_once_is_not_taken_at_its_word() -> None:
    assert 3.0 <= _pause(EndpointBusy("", 0.0), 4.0) <= 4.0
    assert 10.0 <= _pause(EndpointBusy("", 10.0), 4.0) <= 12.5


async def test_the_embedded_engine_reads_a_clean_page(pocket: Endpoint, letter: Path) -> None:
    with open_document(Source(str(letter), letter)) as opened:
        async with Reader(pocket) as reader:
            (result,) = [found async for found in reader.read(opened)]
    assert "three boxes of photographs" in result.text
    assert result.finish == "stop"
    assert result.completion_tokens > 100


async def test_a_blank_page_stays_blank_and_costs_nothing(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    file = BytesIO()
    Image.new("L", (1008, 1288), 250).save(file, "JPEG")
    with open_document(Source("blank.jpg", file.getvalue())) as opened:
        async with Reader(endpoint) as reader:
            (result,) = [found async for found in reader.read(opened)]
    assert (result.text, result.finish, len(result.attempts)) == ("", "stop", 0)
    assert scripted.bodies == []
