"""A client's view of `/v1/ocr`'s stream."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2

Event = tuple[str, dict[str, Any]]


def read_events(response: httpx2.Response) -> Iterator[Event]:
    """Parse server-sent events as they arrive; comments are left out."""
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))
