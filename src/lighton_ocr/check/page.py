"""Checks with pages: does it read, how fast, and what does it do with other pictures."""

import time
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from PIL import Image

from lighton_ocr.check.result import Finding, failed, not_applicable, passed
from lighton_ocr.documents.pages import EncodedPage, PageImage, encode, page_image
from lighton_ocr.errors import EndpointError
from lighton_ocr.reading.attempts import AttemptSettings
from lighton_ocr.reading.client import PageClient, PageRequest, image_part
from lighton_ocr.reading.probe import Probe
from lighton_ocr.reading.repetition import LoopDetector
from lighton_ocr.reading.stream import Answer

_SAME = 0.9  # of the characters: batches of other sizes round differently, so a word may differ
_LEGIBLE = 0.5  # of the words: a text layer has its own faults, but noise shares nothing with it
_FEW_WORDS = 20
_PROMPT_TOKENS = 64  # beside the picture's own


@dataclass(frozen=True)
class PageText:
    """A page as it was read; without streaming, there are no times."""

    text: str
    finish: str
    completion_tokens: int
    first_token_seconds: float | None = None
    tokens_per_second: float | None = None


async def read_streamed(probe: Probe, page: EncodedPage) -> PageText:
    """Read a page as `read` does, without sampling, cut short where the model repeats itself.

    Raises:
        EndpointError: it cannot be read.
    """
    loop = LoopDetector()
    start = time.monotonic()
    first: float | None = None

    def on_text(piece: str) -> bool:
        nonlocal first
        if first is None:
            first = time.monotonic() - start
        return loop.feed(piece)

    request = PageRequest(
        page, AttemptSettings(0.0, 1.0, probe.endpoint.model.sampling.max_tokens), live=True
    )
    async with PageClient(probe.endpoint) as client:
        answer = await client.send(request, on_text)
    speed = _tokens_per_second(answer, time.monotonic() - start - (first or 0))
    return PageText(answer.text, answer.finish, answer.completion_tokens, first, speed)


def read_whole(probe: Probe, page: EncodedPage, tokens: int | None = None) -> PageText:
    """Read a page without streaming, `tokens` of it at the most.

    Raises:
        EndpointError: it cannot be read.
    """
    response = probe.chat([image_part(page)], tokens or probe.endpoint.model.sampling.max_tokens)
    if response.status_code != 200:
        raise EndpointError(f"{probe.endpoint.label} answers {response.status_code}")
    body = response.json()
    choice = body["choices"][0]
    used = (body.get("usage") or {}).get("completion_tokens", 0)
    return PageText(choice["message"]["content"] or "", choice["finish_reason"], used)


def check_read(page: PageText) -> Finding:
    """There is text, and how fast it came."""
    if not page.text.strip():
        return failed("the answer is empty")
    found = f"{page.completion_tokens} tokens"
    if page.first_token_seconds is not None:
        found += f", the first after {page.first_token_seconds:.2f} s"
    if page.tokens_per_second is not None:
        found += f", then {page.tokens_per_second:.0f} a second"
    end = {"loop": "; cut where it repeats itself", "length": "; cut off at the token limit"}
    return passed(found + end.get(page.finish, ""))


def check_text(page: PageText, text_layer: str) -> Finding:
    """The words are those that the PDF itself holds: a broken server writes well-formed noise."""
    wanted, read = (Counter(text.lower().split()) for text in (text_layer, page.text))
    if wanted.total() < _FEW_WORDS:
        return not_applicable("the document holds no text to compare with")
    share = (wanted & read).total() / wanted.total()
    return (passed if share >= _LEGIBLE else failed)(f"{share:.0%} of the PDF's own words")


def check_same(streamed: PageText, whole: PageText) -> Finding:
    """Streaming does not change the text."""
    length = len(streamed.text)  # a stream may have been cut in a loop, earlier than the whole
    same = SequenceMatcher(None, whole.text[:length], streamed.text, autojunk=False).ratio()
    return (passed if same >= _SAME else failed)(f"{same:.1%} of the text as streamed")


def check_one_image(probe: Probe, page: EncodedPage) -> Finding:
    """A request with two pages is refused: the model reads one."""
    if not probe.endpoint.is_vllm:
        return not_applicable("only vLLM can limit the pictures of a request")
    code = probe.chat([image_part(page)] * 2, 1).status_code
    return (passed if code == 400 else failed)(f"a request with two pages is answered with {code}")


def check_sizes(probe: Probe, page: PageImage) -> Finding:
    """A page takes the tokens that we count, and one that is too large is shrunk to the edge."""
    model = probe.endpoint.model
    own = _at_edge(page, model.edge, model.grid)
    wanted = own.width * own.height // model.grid**2
    tokens = _prompt_tokens(probe, own)
    if tokens is None:
        return not_applicable("the server does not count tokens")
    found = f"{own.width} x {own.height} pixels take {tokens} tokens"
    if not wanted <= tokens <= wanted + _PROMPT_TOKENS:
        return failed(f"{found}, where {wanted} were to be expected")
    if model.architecture != "pixtral-qwen3":  # others shrink by area, as the server is set
        return passed(found)
    large = own.resize((2 * own.width, 2 * own.height))
    if (shrunk := _prompt_tokens(probe, large)) != tokens:
        return failed(f"{found}, but twice the size takes {shrunk}")
    return passed(f"{found}, twice the size no more: it is shrunk")


def _tokens_per_second(answer: Answer, seconds_after_first: float) -> float | None:
    if answer.completion_tokens < 2 or seconds_after_first <= 0:
        return None
    return (answer.completion_tokens - 1) / seconds_after_first


def _at_edge(page: PageImage, edge: int, grid: int) -> Image.Image:
    """The page with its longest side at the model's edge, both sides on its grid."""
    scale = edge / max(page.image.size)
    width, height = (max(1, round(side * scale / grid)) * grid for side in page.image.size)
    return page.image.resize((width, height))


def _prompt_tokens(probe: Probe, image: Image.Image) -> int | None:
    page = encode(page_image(0, image, (float(image.width), float(image.height))))
    response = probe.chat([image_part(page)], 1)
    if response.status_code != 200:
        raise EndpointError(
            f"{probe.endpoint.label} answers {response.status_code} to a page of {image.width} x "
            f"{image.height} pixels"
        )
    tokens: int | None = (response.json().get("usage") or {}).get("prompt_tokens")
    return tokens
