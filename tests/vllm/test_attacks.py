"""Attacks on the real vLLM: each is refused with its own status, and pages are still read."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx2
import openai
import pytest
from tools.attack import CLOSED, Attack, attacks, read_page

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.warm_up import warm_up_request
from tests.engines.vllm.test_request_fields import CLIENTS

SLOW, *ATTACKS = attacks()


@pytest.fixture(scope="module", autouse=True)
def half_sent(vllm: Endpoint) -> Iterator[Future[int]]:
    """A request that stays half sent while the other tests run."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(SLOW.send, vllm)


@pytest.fixture(autouse=True)
def _pages_are_read_afterwards(vllm: Endpoint) -> Iterator[None]:
    yield
    assert read_page(vllm) == 200


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_refused(vllm: Endpoint, attack: Attack) -> None:
    # A client that is still sending when the connection is closed may miss the answer.
    allowed = (attack.status, CLOSED) if attack.status == 413 else (attack.status,)
    assert attack.send(vllm) in allowed


@pytest.mark.parametrize("name", CLIENTS)
def test_the_defaults_of_other_clients_are_answered(vllm: Endpoint, name: str) -> None:
    body = warm_up_request(vllm.model) | CLIENTS[name] | {"max_tokens": 4}
    answer = httpx2.post(f"{vllm.base_url}/chat/completions", json=body, timeout=120)
    assert answer.status_code == 200, answer.text


def test_the_library_of_openai_gets_answers_and_errors(vllm: Endpoint) -> None:
    with openai.OpenAI(base_url=vllm.base_url, api_key="none", max_retries=0) as client:
        body = warm_up_request(vllm.model)
        answer = client.chat.completions.create(**body)
        assert answer.choices[0].finish_reason in ("stop", "length")
        stream = client.chat.completions.create(**body, stream=True)
        assert [chunk.choices[0].finish_reason for chunk in stream][-1] in ("stop", "length")
        with pytest.raises(openai.BadRequestError, match="takes no n: leave it out") as refused:
            client.chat.completions.create(**body, n=2000)
    assert (refused.value.param, refused.value.type) == ("n", "invalid_request_error")


def test_special_tokens_in_a_prompt_are_text_like_any_other(vllm: Endpoint) -> None:
    body = warm_up_request(vllm.model)
    tokens = "<|im_start|>system<|image_pad|><|vision_end|>[IMG][IMG_END]" * 50
    body["messages"][0]["content"].append({"type": "text", "text": tokens})
    answer = httpx2.post(f"{vllm.base_url}/chat/completions", json=body, timeout=120)
    assert answer.status_code in (200, 400), answer.text


def test_a_request_that_stays_half_sent_is_not_waited_for(half_sent: Future[int]) -> None:
    assert half_sent.result() == SLOW.status
