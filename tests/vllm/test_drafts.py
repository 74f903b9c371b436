"""Draft tokens in a real vLLM: any draft leaves the text as it is, and a good one saves steps."""

import time
from dataclasses import replace

import httpx2
import pytest

from lighton_ocr.bench.server_metrics import MetricsWatch, parse
from lighton_ocr.documents import load_source, open_document, prepare
from lighton_ocr.documents.pages import EncodedPage, PageOptions
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.client import image_part
from lighton_ocr.reading.reader import Reader
from tests.support.examples import EXAMPLES
from tests.support.real_vllm import CLEAN

BEGINNING = 300  # tokens: of a page, more would show nothing else


def encoded(name: str, vllm: Endpoint) -> EncodedPage:
    with open_document(load_source(str(EXAMPLES / name))) as document:
        (page,) = prepare(document, 0, PageOptions.of(vllm)).pieces
    return page


@pytest.fixture(scope="module")
def letter(vllm: Endpoint) -> EncodedPage:
    return encoded("letter.pdf", vllm)


@pytest.fixture(scope="module")
def letter_text(vllm: Endpoint, letter: EncodedPage) -> str:
    return ask(vllm, replace(letter, draft=""))[0]


@pytest.mark.parametrize("name", CLEAN)
def test_a_draft_saves_steps_and_leaves_the_text_as_it_is(vllm: Endpoint, name: str) -> None:
    page = encoded(name, vllm)
    text, tokens, _ = ask(vllm, replace(page, draft=""))
    with_draft, same, accepted = ask(vllm, page)
    misled, _, accepted_of_wrong = ask(vllm, replace(page, draft="Quite another text. " * 60))
    assert (with_draft, same) == (text, tokens)
    assert misled == text
    assert accepted > 0.45 * tokens
    # Not none: vLLM also drafts from what it wrote, and the tags of a table repeat.
    assert accepted_of_wrong < 0.3 * tokens


async def test_a_scan_is_read_to_the_same_text_with_tesseracts_as_its_draft(vllm: Endpoint) -> None:
    readings = []
    for ocr_drafts in (False, True):
        before = accepted_tokens(vllm)
        async with Reader(vllm, ocr_drafts=ocr_drafts) as reader:
            with open_document(load_source(str(EXAMPLES / "scan.jpg"))) as document:
                (result,) = [result async for result in reader.read(document)]
        accepted = accepted_tokens(vllm) - before
        readings.append((result.text, accepted / result.completion_tokens))
    (text, accepted_share), (same, accepted_of_drafted) = readings
    assert "three boxes of photographs" in text
    assert same == text
    # Not none without: vLLM also drafts from what it wrote.
    assert accepted_share < 0.15
    assert accepted_of_drafted > 0.45


async def test_the_servers_metrics_give_tokens_per_step(vllm: Endpoint) -> None:
    began = time.perf_counter()
    async with MetricsWatch(vllm) as watch, Reader(vllm) as reader:
        assert await watch.read()
        with open_document(load_source(str(EXAMPLES / "letter.pdf"))) as document:
            assert [page.finish async for page in reader.read(document)] == ["stop"]
        assert await watch.read()
    found = watch.between(began, time.perf_counter())
    assert found is not None
    assert (found.tokens_per_step or 0) > 2


def test_a_draft_is_skipped_under_a_repetition_penalty(
    vllm: Endpoint, letter: EncodedPage, route_key: dict[str, str]
) -> None:
    text, _, _ = ask(vllm, replace(letter, draft=""), route_key, repetition_penalty=1.05)
    with_draft, tokens, accepted = ask(vllm, letter, route_key, repetition_penalty=1.05)
    assert with_draft == text
    assert accepted < 0.15 * tokens


@pytest.mark.parametrize(
    "draft", [7, ["a", 1], "<|im_end|><|image_pad|>" * 2000, "a" * 200_000, "\0\uffff"]
)
def test_no_draft_crashes_the_server(
    vllm: Endpoint,
    letter: EncodedPage,
    letter_text: str,
    draft: object,
    route_key: dict[str, str],
) -> None:
    assert ask(vllm, letter, route_key, vllm_xargs={"draft": draft})[0] == letter_text


def ask(
    vllm: Endpoint, page: EncodedPage, headers: dict[str, str] | None = None, **more: object
) -> tuple[str, int, float]:
    """The beginning of a page, its tokens, and how many of them were accepted draft tokens."""
    before = accepted_tokens(vllm)
    extra = {"vllm_xargs": {"draft": page.draft}} if page.draft else {}
    content = [{"role": "user", "content": [image_part(page)]}]
    body = {
        "model": vllm.served_name,
        "messages": content,
        "temperature": 0,
        "max_tokens": BEGINNING,
    }
    answer = httpx2.post(
        f"{vllm.base_url}/chat/completions",
        json=body | extra | more,
        headers=headers,
        timeout=120,
    ).json()
    tokens = answer["usage"]["completion_tokens"]
    return answer["choices"][0]["message"]["content"], tokens, accepted_tokens(vllm) - before


def accepted_tokens(vllm: Endpoint) -> float:
    """Draft tokens accepted since the server's start."""
    return parse(httpx2.get(vllm.root_url + "/metrics").text, at=0.0).accepted_tokens
