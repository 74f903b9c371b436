"""An endpoint at which three in ten requests fail, in eleven different ways."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response, StreamingResponse

from lighton_ocr.reading.retries import ATTEMPTS_PER_IMAGE
from tests.support.corpus import answer_by_image, image_digest, text_of
from tests.support.scripted_endpoint import Answer, breaks, error_event, garbage, says, status

_SHARE = 0.3


def hangs(body: dict[str, Any]) -> Response:
    """Answer with a stream that begins and then stays silent."""

    async def events() -> AsyncIterator[str]:
        yield ": wait\n\n"
        await asyncio.Event().wait()

    return StreamingResponse(events(), media_type="text/event-stream")


def nonsense(body: dict[str, Any]) -> Response:
    """Answer with events that are JSON, but not those of a chat completion."""
    return Response('data: {"choices": [7], "usage": "no"}\n\n', media_type="text/event-stream")


def sends_chunks_twice(body: dict[str, Any]) -> Response:
    """Send every chunk of the right answer twice, with the token count that vLLM adds to it."""
    assert body["stream_options"]["continuous_usage_stats"]
    text = text_of(image_digest(body))

    def chunk(content: str, finish: str | None, tokens: int) -> str:
        choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
        usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + tokens}
        row = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
        return f"data: {json.dumps(row | {'choices': [choice], 'usage': usage})}\n\n"

    pieces = [text[start : start + 7] for start in range(0, len(text), 7)]
    events = [chunk(piece, None, tokens) for tokens, piece in enumerate(pieces, 1)]
    events.append(chunk("", "stop", len(pieces)))
    return Response(
        "".join(event * 2 for event in events) + "data: [DONE]\n\n",
        media_type="text/event-stream",
    )


FAULTS: dict[str, Callable[[str], Answer]] = {
    "429": lambda _: status(429, "too many"),
    "429, Retry-After": lambda _: status(429, "too many", {"retry-after-ms": "1"}),
    "500": lambda _: status(500, "oops"),
    "503": lambda _: status(503, "starting"),
    "half a stream": lambda text: breaks(text[:20]),
    "no end": lambda text: says(text[:20], None),
    "hangs": lambda _: hangs,
    "garbage": lambda _: garbage,
    "nonsense": lambda _: nonsense,
    "error event": lambda _: error_event,
    "every chunk twice": lambda _: sends_chunks_twice,
}


@dataclass
class Storm:
    """Decides which requests fail; the last attempt that a page has never does.

    It depends on the page and the number of the request alone, so the order of pages does not
    matter.
    """

    requests: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def __call__(self, body: dict[str, Any]) -> Response:
        image = image_digest(body)
        self.requests[image] += 1
        number = self.requests[image]
        dice = hashlib.sha256(f"{image} {number}".encode()).digest()
        if number == ATTEMPTS_PER_IMAGE or dice[0] >= 256 * _SHARE:
            return answer_by_image(body)
        name = sorted(FAULTS)[dice[1] % len(FAULTS)]
        self.faults[name] += 1
        return FAULTS[name](text_of(image))(body)
