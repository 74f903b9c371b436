"""The settings of each attempt, and the limits of a page."""

import pytest

from lighton_ocr.catalog import find_model
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.endpoint import Endpoint, Software
from lighton_ocr.reading.attempts import (
    AttemptSettings,
    Fallback,
    Fallbacks,
    PageBudget,
    ReadingPolicy,
)

ENDPOINT = Endpoint("http://x/v1", find_model("1b"), "x", software="vllm")
IMAGE = EncodedPage(0, b"", "image/png", (1092, 1540))


def fallbacks(*after_loop: Fallback) -> Fallbacks:
    policy = ReadingPolicy(0.2, 0.9, 4096, after_loop, PageBudget(), "off")
    return Fallbacks(policy, ENDPOINT, IMAGE)


def test_the_changes_after_a_loop_are_tried_in_order_and_then_nothing() -> None:
    penalty = (("repetition_penalty", 1.1),)
    tried = fallbacks(Fallback(temperature=0.5), Fallback(sampler_options=penalty))
    second = tried.next(tried.first, "loop")
    assert second
    assert (second.temperature, second.top_p, second.sampler_options) == (0.5, 0.9, ())
    third = tried.next(second, "empty")
    assert third
    assert (third.temperature, third.sampler_options) == (0.2, penalty)
    assert tried.next(third, "loop") is None


def test_a_truncated_answer_gets_twice_the_tokens_up_to_the_capacity() -> None:
    tried, limits = fallbacks(), []
    settings: AttemptSettings | None = tried.first
    while settings:
        limits.append(settings.max_tokens)
        settings = tried.next(settings, "length")
    assert limits == [4096, 8192, ENDPOINT.model.max_answer_tokens(*IMAGE.size)]


def test_what_is_tried_after_a_loop_by_default() -> None:
    assert ReadingPolicy.of(ENDPOINT).after_loop == (Fallback(temperature=0.5),)


@pytest.mark.parametrize(
    ("name", "embedded", "seconds"), [("pocket", True, 60), ("1b", True, 1857), ("1b", False, None)]
)
def test_only_the_embedded_engine_has_a_time_limit(
    name: str, embedded: bool, seconds: float | None
) -> None:
    software: Software = "llama.cpp" if embedded else "vllm"
    endpoint = Endpoint("http://x/v1", find_model(name), "x", software=software, managed=embedded)
    found = PageBudget.of(endpoint).seconds
    assert found == (seconds and pytest.approx(seconds, rel=0.01))
    assert PageBudget.of(endpoint, 5.0).seconds == 5.0
