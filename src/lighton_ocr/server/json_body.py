"""JSON that clients send: parsed within bounds of memory."""

import json
from typing import Any

from fastapi import Request

from lighton_ocr.engines.vllm.refusal import Refused

# A document is one long text; of many small parts, each takes up to a hundred times its bytes.
_MOST_PARTS = 50_000


async def json_body(request: Request) -> Any:
    """Return the value of a request's JSON body; the body itself is not kept.

    Raises:
        Refused: it is no JSON, or has too many parts (400).
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
    return parse_json(body, _MOST_PARTS)


def parse_json(data: bytes | bytearray, most_parts: int) -> Any:
    """Return the value of JSON that a client sent.

    Raises:
        Refused: it is no JSON, or has too many parts (400).
    """
    if sum(map(data.count, (b"{", b"[", b","))) > most_parts:
        raise Refused(400, f"The request's JSON has more than {most_parts:,} parts.")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(400, "The request is not valid JSON.") from None
