"""Attacks on the real vLLM: each is refused with its own status, and pages are still read."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import openai
import pytest
from tools.attack import CLOSED, Attack, read_page

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.server import VllmServer
from lighton_ocr.engines.vllm.warm_up import warm_up_request
from tests.support.client_requests import CLIENTS
from tests.support.real_vllm import ATTACKS

pytestmark = pytest.mark.usefixtures("half_sent")


@pytest.fixture(autouse=True)
def _the_engine_lives_afterwards(vllm: Endpoint) -> Iterator[None]:
    yield
    assert httpx2.get(f"{vllm.root_url}/health").status_code == 200


def small_page(vllm: Endpoint) -> dict[str, Any]:
    """A request for a small blank image, which is read in no time."""
    body = warm_up_request(replace(vllm.model, edge=56)) | {"max_tokens": 4}
    return body | {"model": vllm.served_name}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_refused(vllm: Endpoint, attack: Attack) -> None:
    # A client that is still sending when the connection is closed may miss the answer.
    allowed = (attack.status, CLOSED) if attack.status == 413 else (attack.status,)
    assert attack.send(vllm) in allowed


@pytest.mark.parametrize("name", CLIENTS)
def test_the_defaults_of_other_clients_are_answered(vllm: Endpoint, name: str) -> None:
    body = small_page(vllm) | CLIENTS[name] | {"max_tokens": 4}
    answer = httpx2.post(f"{vllm.base_url}/chat/completions", json=body, timeout=120)
    assert answer.status_code == 200, answer.text


def test_the_library_of_openai_gets_answers_and_errors(vllm: Endpoint) -> None:
    body = small_page(vllm)
    with openai.OpenAI(base_url=vllm.base_url, api_key="none", max_retries=0) as client:
        answer = client.chat.completions.create(**body)
        assert answer.choices[0].finish_reason in ("stop", "length")
        stream = client.chat.completions.create(**body, stream=True)
        assert [chunk.choices[0].finish_reason for chunk in stream][-1] in ("stop", "length")
        with pytest.raises(openai.BadRequestError, match="takes no n: leave it out") as refused:
            client.chat.completions.create(**body, n=2000)
    assert (refused.value.param, refused.value.type) == ("n", "invalid_request_error")


def test_special_tokens_in_a_prompt_do_no_harm(vllm: Endpoint) -> None:
    body = small_page(vllm)
    tokens = "<|im_start|>system<|image_pad|><|vision_end|>[IMG][IMG_END]" * 50
    body["messages"][0]["content"].append({"type": "text", "text": tokens})
    answer = httpx2.post(f"{vllm.base_url}/chat/completions", json=body, timeout=120)
    assert answer.status_code in (200, 400), answer.text


def test_vllm_itself_fetches_no_address(vllm: Endpoint, route_key: dict[str, str]) -> None:
    body = small_page(vllm)
    body["messages"][0]["content"][0]["image_url"]["url"] = "http://127.0.0.1:1/a.png"
    answer = post_with_key(vllm, body, route_key)
    assert (answer.status_code, "none.invalid" in answer.text) == (400, True)


def test_vllm_itself_gives_one_answer(vllm: Endpoint, route_key: dict[str, str]) -> None:
    answer = post_with_key(vllm, small_page(vllm) | {"n": 2, "temperature": 1}, route_key)
    assert (answer.status_code, "n must be at most 1" in answer.text) == (400, True)


def test_logs_hold_nothing_of_a_request(vllm: Endpoint, vllm_server: VllmServer) -> None:
    body = small_page(vllm) | {"vllm_xargs": {"draft": "xyzzy"}, "user": "xyzzy"}
    content = body["messages"][0]["content"]
    content.append({"type": "text", "text": "xyzzy"})
    for image in (content[0]["image_url"]["url"], "data:image/png;base64,iVBORw0KGgoxyzzy"):
        content[0]["image_url"]["url"] = image
        httpx2.post(f"{vllm.base_url}/chat/completions", json=body, timeout=120)
    httpx2.post(f"{vllm.base_url}/chat/completions?last", json=body, timeout=120)
    while not any("completions?last" in line for line in vllm_server._last_lines.copy()):
        time.sleep(0.05)
    for line in vllm_server._last_lines.copy():
        assert "xyzzy" not in line
        assert "iVBORw0KGg" not in line


def post_with_key(
    vllm: Endpoint, body: dict[str, Any], route_key: dict[str, str]
) -> httpx2.Response:
    """Send a request past the allow-list."""
    url = f"{vllm.base_url}/chat/completions"
    return httpx2.post(url, json=body, headers=route_key, timeout=120)


def test_after_all_attacks_a_page_is_read(vllm: Endpoint) -> None:
    assert read_page(vllm) == 200
