"""The limits on what clients of the server may use."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

# A page's Markdown; no model writes as much.
PageText = Annotated[str, Field(max_length=100_000)]


@dataclass(frozen=True)
class ServerLimits:
    """Bounds on requests, one by one and together.

    `body_bytes` is of one request, `all_bodies_bytes` of all that are being answered. A request may
    take `upload_seconds` to arrive, `stall_seconds` without a byte, and `document_seconds` to be
    read. `requests` is how many are answered or wait at once, `requests_per_sender` how many of
    them one sender may have. Files stay `file_seconds`, at most `files` of them with `file_bytes`
    together.
    """

    body_bytes: int = 128 << 20
    all_bodies_bytes: int = 2 << 30
    upload_seconds: float = 600.0
    stall_seconds: float = 30.0
    document_seconds: float = 6 * 3600.0
    pages: int = 1000
    requests: int = 1000
    requests_per_sender: int = 750
    files: int = 1000
    file_bytes: int = 4 << 30
    file_seconds: float = 24 * 3600.0
    renderers: int = 2
