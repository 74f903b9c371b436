"""Bodies in JSON: parsed within bounds of memory."""

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
    if sum(map(body.count, (b"{", b"[", b","))) > _MOST_PARTS:
        raise Refused(400, f"The request's JSON has more than {_MOST_PARTS:,} parts.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "The request is not valid JSON.") from None
