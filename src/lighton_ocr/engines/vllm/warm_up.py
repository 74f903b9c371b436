"""The first page that a server reads: blank, in full size, made without an imaging library."""

import base64
import struct
import zlib
from typing import Any

from lighton_ocr.catalog import Model

TOKENS = 16


def warm_up_request(model: Model) -> dict[str, Any]:
    """Build a chat completion with one blank A4 page at the model's edge."""
    width = round(model.edge / 2**0.5 / model.grid) * model.grid
    image = base64.b64encode(_white_png(width, model.edge)).decode()
    content = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}}]
    messages = [{"role": "user", "content": content}]
    return {"model": model.id, "messages": messages, "max_tokens": TOKENS, "temperature": 0}


def _white_png(width: int, height: int) -> bytes:
    # PNG, third edition: 8-bit gray; each row begins with the number of its filter, 0 for none.
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + b"\xff" * width) * height
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
