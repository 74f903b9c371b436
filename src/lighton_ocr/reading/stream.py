"""Take in a streamed answer, event by event."""

import math
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from lighton_ocr.errors import RequestFailed


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered.

    `finish` is the server's reason, or `loop` when the stream was cut here. Token counts are the
    server's. `confidence` is as in a `PageResult`.
    """

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int
    confidence: float | None = None


@dataclass(frozen=True)
class _Event:
    """One event; tokens are counted from the start of the answer, None if it does not say."""

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int | None
    logprobs: tuple[float, ...]


async def collect_answer(events: AsyncIterable[object], on_text: Callable[[str], bool]) -> Answer:
    """Collect an answer; `on_text` gets each piece of text and returns True to cut the stream.

    Raises:
        RequestFailed: the answer is no chat completion, or stopped in the middle.
    """
    pieces: list[str] = []
    logprobs: list[float] = []
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
        logprobs += event.logprobs
        if event.text:
            pieces.append(event.text)
            if on_text(event.text):
                # Without a count, each event stands for at least one token.
                tokens = completion_tokens or len(pieces)
                return Answer("".join(pieces), "loop", prompt_tokens, tokens, _mean(logprobs))
        finish = event.finish or finish
    if not finish:
        raise RequestFailed("the answer stopped in the middle")
    return Answer("".join(pieces), finish, prompt_tokens, completion_tokens, _mean(logprobs))


def _mean(logprobs: list[float]) -> float | None:
    """Return the geometric mean of the tokens' probabilities."""
    return math.exp(fmean(logprobs)) if logprobs else None


def _event(chunk: Any) -> _Event:
    # A server may send anything.
    try:
        choice = chunk["choices"][0] if chunk["choices"] else {}
        text = choice.get("delta", {}).get("content") or ""
        usage = chunk.get("usage") or {}
        prompt, completion = usage.get("prompt_tokens", 0), usage.get("completion_tokens")
        tokens = (choice.get("logprobs") or {}).get("content") or ()
        return _Event(
            str(text).encode(errors="replace").decode(),  # no text file holds half a surrogate pair
            str(choice.get("finish_reason") or ""),
            prompt,
            completion,
            tuple(token["logprob"] for token in tokens),
        )
    except (AttributeError, TypeError, LookupError):
        raise RequestFailed("the answer is no chat completion") from None
