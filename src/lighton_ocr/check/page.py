"""Checks with a page: whether it is read, how fast, and how other images are treated."""

import time
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from PIL import Image

from lighton_ocr.catalog.models import MAX_TEMPLATE_TOKENS
from lighton_ocr.check.result import Finding, failed, not_applicable, passed
from lighton_ocr.documents.pages import EncodedPage, PageImage, encode, page_image
from lighton_ocr.errors import EndpointError
from lighton_ocr.reading.attempts import AttemptSettings
from lighton_ocr.reading.client import PageClient, PageRequest, image_part
from lighton_ocr.reading.probe import Probe
from lighton_ocr.reading.repetition import LoopDetector
from lighton_ocr.reading.stream import Answer

_SAME = 0.9  # of the characters: batches of another size round differently, and words may differ
_LEGIBLE = 0.5  # of the words: a text layer has errors, but noise has no words of it
_FEW_WORDS = 20


@dataclass(frozen=True)
class PageText:
    """A page as it was read; there are no times without streaming."""

    text: str
    finish: str
    completion_tokens: int
    first_token_seconds: float | None = None
    tokens_per_second: float | None = None


async def read_streamed(probe: Probe, page: EncodedPage) -> PageText:
    """Read a page as `read` does, at temperature 0; stop when the model repeats itself.

    Raises:
        EndpointError: the page cannot be read.
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
    """Read a page without streaming, at most `tokens` of it.

    Raises:
        EndpointError: the page cannot be read.
    """
    response = probe.chat([image_part(page)], tokens or probe.endpoint.model.sampling.max_tokens)
    if response.status_code != 200:
        raise EndpointError(f"{probe.endpoint.label} answers {response.status_code}")
    body = response.json()
    choice = body["choices"][0]
    used = (body.get("usage") or {}).get("completion_tokens", 0)
    return PageText(choice["message"]["content"] or "", choice["finish_reason"], used)


def check_read(page: PageText) -> Finding:
    """The page has text; says how fast it came."""
    if not page.text.strip():
        return failed("the answer is empty")
    found = f"{page.completion_tokens} tokens"
    if page.first_token_seconds is not None:
        found += f", the first after {page.first_token_seconds:.2f} s"
    if page.tokens_per_second is not None:
        found += f", then {page.tokens_per_second:.0f} per second"
    end = {
        "loop": "; stopped because the model repeats itself",
        "length": "; cut off at the token limit",
    }
    return passed(found + end.get(page.finish, ""))


def check_text(page: PageText, text_layer: str) -> Finding:
    """The words are those of the PDF's own text: a broken server writes well-formed noise."""
    wanted, read = (Counter(text.lower().split()) for text in (text_layer, page.text))
    if wanted.total() < _FEW_WORDS:
        return not_applicable("the document contains no text to compare with")
    share = (wanted & read).total() / wanted.total()
    return (passed if share >= _LEGIBLE else failed)(f"{share:.0%} of the PDF's own words")


def check_every_word(page: PageText, text_layer: str) -> Finding:
    """The words are exactly those of the PDF's own text, in their order."""
    wanted, read = text_layer.split(), page.text.split()
    for own, word in zip_longest(wanted, read, fillvalue="nothing"):
        if word != own:
            return failed(f"reads {word!r} where the PDF has {own!r}")
    return passed(f"all {len(wanted)} words of the PDF, without a mistake")


def check_same(streamed: PageText, whole: PageText) -> Finding:
    """Streaming does not change the text."""
    length = len(streamed.text)  # the stream may have been stopped in a loop, before the end
    same = SequenceMatcher(None, whole.text[:length], streamed.text, autojunk=False).ratio()
    return (passed if same >= _SAME else failed)(f"{same:.1%} of the text as streamed")


def check_one_image(probe: Probe, page: EncodedPage) -> Finding:
    """A request with two images is refused: the model reads one."""
    if not probe.endpoint.is_vllm:
        return not_applicable("only vLLM can limit the images of a request")
    code = probe.chat([image_part(page)] * 2, 1).status_code
    return (passed if code == 400 else failed)(f"a request with two images is answered with {code}")


def check_sizes(probe: Probe, page: PageImage) -> Finding:
    """A page takes the tokens that we count, and one that is too large is reduced to the edge."""
    model = probe.endpoint.model
    own = _at_edge(page, model.edge, model.grid)
    wanted = model.image_tokens(own.width, own.height)
    tokens = _prompt_tokens(probe, own)
    if tokens is None:
        return not_applicable("the server does not count tokens")
    found = f"{own.width} x {own.height} pixels take {tokens} tokens"
    if not wanted <= tokens <= wanted + MAX_TEMPLATE_TOKENS:
        return failed(f"{found} instead of {wanted}")
    if model.architecture != "pixtral-qwen3":  # others are reduced by area, depending on the server
        return passed(found)
    large = own.resize((2 * own.width, 2 * own.height))
    if (reduced := _prompt_tokens(probe, large)) != tokens:
        return failed(f"{found}, but twice the size takes {reduced}")
    return passed(f"{found}; twice the size takes as many, because the server reduces it")


def _tokens_per_second(answer: Answer, seconds_after_first: float) -> float | None:
    if answer.completion_tokens < 2 or seconds_after_first <= 0:
        return None
    return (answer.completion_tokens - 1) / seconds_after_first


def _at_edge(page: PageImage, edge: int, grid: int) -> Image.Image:
    """Return the page with its longest side at the model's edge, both multiples of the grid."""
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
