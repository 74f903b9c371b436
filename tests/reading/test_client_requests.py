"""What is sent with a page, and what never is."""

import logging

import pytest

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.remote import connect
from lighton_ocr.errors import AccessDenied, ModelMissing
from lighton_ocr.reading.reader import Listener
from tests.support.scripted_endpoint import (
    ScriptedEndpoint,
    redirects,
    says,
    status,
)
from tests.support.scripted_reading import results


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


async def test_modals_redirect_is_followed(scripted: ScriptedEndpoint, endpoint: Endpoint) -> None:
    scripted.script = [redirects]
    (result,) = await results(endpoint)
    assert (result.text, len(result.attempts)) == ("Hello from the page.", 1)


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
