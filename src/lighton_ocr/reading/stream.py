"""Take in an answer, streamed event by event or as one JSON object."""

import math
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from lighton_ocr.errors import RequestFailed
from lighton_ocr.reading.client_errors import error_message
from lighton_ocr.reading.own_text.words import words_of

_SURE = 0.99  # probability of each token of a word; of wrong words, 97 in 100 have one under it
_MOST_TOKENS = 1 << 24  # a higher count is not taken for one
# Reasons with which servers and gateways end an answer that is not whole.
_BROKEN_OFF = ("abort", "cancelled", "content_filter", "error")
# Characters that no text file should hold: controls but for tabs and line breaks.
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered.

    `finish` is the server's reason, or `loop` when the stream was cut here. Token counts are the
    server's. `confidence` is as in a `PageResult`; `unsure` are the words that the model was unsure
    of wherever it wrote them, None where the engine does not report it.
    """

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int
    confidence: float | None = None
    unsure: frozenset[str] | None = None


@dataclass(frozen=True)
class _Event:
    """One event; tokens are counted from the start of the answer, None if it does not say."""

    text: str
    finish: str
    prompt_tokens: int | None
    completion_tokens: int | None
    logprobs: tuple[float, ...]


async def collect_answer(events: AsyncIterable[object], on_text: Callable[[str], bool]) -> Answer:
    """Collect an answer; `on_text` gets each piece of text and returns True to cut the stream.

    Raises:
        RequestFailed: the answer is no chat completion, stopped in the middle, or was broken off by
            the server.
    """
    pieces: list[tuple[str, tuple[float, ...]]] = []
    finish = ""
    prompt_tokens = completion_tokens = 0
    last: _Event | None = None
    async for chunk in events:
        event = _event(chunk)
        if event == last and event.completion_tokens is not None:
            continue  # sent twice: a new piece would come with a higher count of tokens
        last = event
        prompt_tokens = event.prompt_tokens or prompt_tokens
        completion_tokens = event.completion_tokens or completion_tokens
        if event.text or event.logprobs:
            pieces.append((event.text, event.logprobs))
        if event.text and on_text(event.text):
            # Without a count, each event stands for at least one token.
            return _answer(pieces, "loop", prompt_tokens, completion_tokens or len(pieces))
        finish = event.finish or finish
    if not finish:
        raise RequestFailed("the answer stopped in the middle")
    if finish in _BROKEN_OFF:
        raise RequestFailed(f"the server broke the answer off ({finish})")
    return _answer(pieces, finish, prompt_tokens, completion_tokens)


def _answer(
    pieces: list[tuple[str, tuple[float, ...]]], finish: str, prompt_tokens: int, tokens: int
) -> Answer:
    text = "".join(piece for piece, _ in pieces)
    logprobs = [one for _, several in pieces for one in several]
    if not logprobs:
        return Answer(text, finish, prompt_tokens, tokens)
    # The geometric mean of the tokens' probabilities.
    confidence = math.exp(fmean(logprobs))
    return Answer(text, finish, prompt_tokens, tokens, confidence, _unsure(text, pieces))


def _unsure(text: str, pieces: list[tuple[str, tuple[float, ...]]]) -> frozenset[str]:
    """Return the words that have an unlikely token wherever they come."""
    is_sure = []  # of each character's token
    for piece, logprobs in pieces:
        is_sure += [min(logprobs, default=0.0) >= math.log(_SURE)] * len(piece)
    words = words_of(text)
    sure = {word.text for word in words if all(is_sure[word.start : word.end])}
    return frozenset(word.text for word in words) - sure


def _event(chunk: object) -> _Event:
    """Check an event's parts once: a server may send anything."""
    body = _mapping(chunk)
    is_completion = "choices" in body or "usage" in body
    if fault := error_message(body.get("error") if is_completion else chunk):
        raise RequestFailed(f"the server answers: {fault}")
    if not is_completion:
        raise RequestFailed("the answer is no chat completion")
    choice = _first(body.get("choices"))
    usage = _mapping(body.get("usage"))
    message = _mapping(choice.get("delta")) or _mapping(choice.get("message"))
    return _Event(
        _clean(_text(message.get("content"))),
        _text(choice.get("finish_reason")),
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
        _logprobs(_mapping(choice.get("logprobs")).get("content")),
    )


def _first(choices: object) -> dict[str, Any]:
    return _mapping(choices[0]) if isinstance(choices, list) and choices else {}


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(content: object) -> str:
    """Return a text, or the texts of a list of content parts."""
    if isinstance(content, list):
        return "".join(_text(_mapping(part).get("text")) for part in content)
    return content if isinstance(content, str) else ""


def _clean(text: str) -> str:
    # Half a surrogate pair cannot be written to any file.
    return text.encode(errors="replace").decode().translate(_CONTROLS)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value < _MOST_TOKENS else None


def _logprobs(tokens: object) -> tuple[float, ...]:
    values = (
        [_mapping(token).get("logprob") for token in tokens] if isinstance(tokens, list) else []
    )
    return tuple(
        min(0.0, float(value))
        for value in values
        if isinstance(value, int | float) and -1e6 < value < 1e6
    )
