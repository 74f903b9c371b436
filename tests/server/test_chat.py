"""`/v1/chat/completions` with OpenAI's client, in front of the real engine and a scripted one."""

import base64
import json
from io import BytesIO
from pathlib import Path

import httpx2
import openai
import pytest
from PIL import Image

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from tests.support.examples import PLACE
from tests.support.pictures import picture
from tests.support.running_server import running
from tests.support.scripted_endpoint import ScriptedEndpoint, status

pytestmark = pytest.mark.slow  # renderers are processes


def message(url: str) -> dict[str, object]:
    return {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}


def ask(url: str, image: str, **fields: object) -> httpx2.Response:
    body = {"messages": [message(image)]} | fields
    return httpx2.post(f"{url}/v1/chat/completions", json=body, timeout=120)


def test_openais_client_reads_a_tiff(server: str, note: Path) -> None:
    with openai.OpenAI(base_url=f"{server}/v1", api_key="any", max_retries=0) as client:
        answer = client.chat.completions.create(
            model="pocket",
            messages=[message(picture(note, "TIFF"))],  # type: ignore[list-item]
        )
        assert PLACE in str(answer.choices[0].message.content)
        assert [model.id for model in client.models.list()] == ["lighton-ocr-pocket"]


def test_openais_client_streams(server: str, letter: Path) -> None:
    with (
        openai.OpenAI(base_url=f"{server}/v1", api_key="any", max_retries=0) as client,
        client.chat.completions.stream(
            model="pocket",
            messages=[message(picture(letter, "WEBP"))],  # type: ignore[list-item]
            max_tokens=20,
        ) as events,
    ):
        pieces = [event.delta for event in events if event.type == "content.delta"]
    assert len([piece for piece in pieces if piece]) > 10


def test_the_models_own_sampling_and_size(
    scripted: ScriptedEndpoint, endpoint: Endpoint, letter: Path
) -> None:
    with running(create_app(endpoint)) as url:
        assert ask(url, picture(letter, "PNG")).status_code == 200
    (body,) = scripted.bodies
    sampling = endpoint.model.sampling
    assert (body["temperature"], body["top_p"]) == (sampling.temperature, sampling.top_p)
    assert body["max_tokens"] == sampling.max_tokens
    sent = body["messages"][0]["content"][0]["image_url"]["url"]
    assert sent.startswith("data:image/png;base64,")
    with Image.open(BytesIO(base64.b64decode(sent.partition(",")[2]))) as image:
        assert all(side % endpoint.model.grid == 0 for side in image.size)


def test_what_is_refused(scripted: ScriptedEndpoint, endpoint: Endpoint, letter: Path) -> None:
    image = picture(letter, "PNG")
    with running(create_app(endpoint)) as url:
        two = {"messages": [{"role": "user", "content": message(image)["content"] * 2}]}  # type: ignore[operator]
        chat = f"{url}/v1/chat/completions"
        for answer, wanted in (
            (ask(url, image, model="gpt-4"), 404),
            (ask(url, image, n=2), 400),
            (ask(url, image, tools=[]), 400),
            (ask(url, "http://127.0.0.1/a.png"), 422),
            (ask(url, "data:image/png;base64,bm8="), 415),
            (httpx2.post(chat, json=two), 400),
            (httpx2.post(chat, content=b"{"), 400),
            (httpx2.post(chat, json=[]), 400),
        ):
            assert (answer.status_code, answer.text) == (wanted, answer.text)
    assert scripted.bodies == []


@pytest.mark.parametrize(("engine", "answered"), [(400, 400), (500, 503), (429, 503), (404, 503)])
def test_the_engines_errors(
    scripted: ScriptedEndpoint, endpoint: Endpoint, letter: Path, engine: int, answered: int
) -> None:
    scripted.default = status(engine, "no such luck")
    with running(create_app(endpoint)) as url:
        answer = ask(url, picture(letter, "PNG"))
    assert answer.status_code == answered
    assert "no such luck" in json.loads(answer.text)["error"]["message"]
