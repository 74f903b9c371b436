"""The progress of a document as server-sent events, buffered until the client takes them.

The events are described in docs/SERVER.md.
"""

import asyncio
import base64
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import asdict
from typing import Any

from lighton_ocr.documents.pages import PreparedPage
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.errors import LightonOcrError
from lighton_ocr.formats.divided_words import join_divided_words
from lighton_ocr.formats.page_html import render_page
from lighton_ocr.reading.results import PageResult
from lighton_ocr.server.document_reader import DocumentListener
from lighton_ocr.server.errors import refusal_of
from lighton_ocr.server.faults import log_fault
from lighton_ocr.server.ocr_response import dimensions, page_markdown

_KEEP_ALIVE_SECONDS = 5.0
_KEEP_ALIVE = b": keep-alive\n\n"
_ROOM_BYTES = 4 << 20  # no page begins while more than that waits for the client


class EventStream(DocumentListener):
    """The events of one document; `events` gives them as bytes while it is being read."""

    live = True

    def __init__(self, include_page_images: bool, include_html: bool, include_blocks: bool) -> None:
        self.wants_previews = include_page_images
        self.wants_blocks = include_blocks
        self._include_html = include_html
        self._buffer: list[bytes] = []
        self._bytes = 0
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._attempts: Counter[int] = Counter()  # by page
        self._waiting: tuple[str, float] | None = None  # what for, since when

    async def events(self, work: Coroutine[Any, Any, None]) -> AsyncGenerator[bytes]:
        """Run `work`, which tells this listener what happens, and give the events.

        An error ends the stream with an `error` event. Work is cancelled when the client leaves.
        """
        task = asyncio.create_task(self._run(work))
        try:
            while not (task.done() and not self._buffer):
                try:
                    async with asyncio.timeout(_KEEP_ALIVE_SECONDS):
                        await self._filled.wait()
                except TimeoutError:
                    yield self._sign_of_life()
                    continue
                yield self._take()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def send(self, name: str, data: dict[str, Any]) -> None:
        """Add an event."""
        event = _encode(name, data)
        self._buffer.append(event)
        self._bytes += len(event)
        self._filled.set()

    async def has_room(self) -> None:
        """Wait until the client has taken most of what there is."""
        while self._bytes > _ROOM_BYTES:
            self._emptied.clear()
            await self._emptied.wait()

    def on_wait(self, reason: str) -> None:
        """Say so when the client has heard nothing for a while."""
        self._waiting = (reason, time.monotonic())

    def on_prepared(self, page: PreparedPage, preview: bytes | None) -> None:
        """Send `page`."""
        self._waiting = None
        image = preview and "data:image/jpeg;base64," + base64.b64encode(preview).decode()
        size = dimensions(page)
        self.send(
            "page",
            {
                "index": page.index,
                "dimensions": size.model_dump() if size else None,
                "image": image or None,
            },
        )

    def on_text(self, page: int, text: str) -> None:
        """Send `text`."""
        attempt = self._attempts[page] + 1
        self.send("text", {"index": page - 1, "attempt": attempt, "delta": text})

    def on_retry(self, page: int, reason: str) -> None:
        """Send `retry`."""
        self._attempts[page] += 1
        attempt = self._attempts[page] + 1
        self.send("retry", {"index": page - 1, "attempt": attempt, "reason": reason})

    def on_page(self, page: PreparedPage, result: PageResult) -> None:
        """Send `page_done`: of its document, the page alone is known."""
        (result,) = join_divided_words([result])
        self.send("page_done", self._page_done(page, result))

    def _page_done(self, page: PreparedPage, result: PageResult) -> dict[str, Any]:
        return {
            "index": page.index,
            "markdown": page_markdown(result),
            "html": render_page(result) if self._include_html else None,
            "blocks": [
                {"kind": block.kind, "box": block.box, "text": block.text}
                for block in result.blocks
                if block.box
            ],
            "warnings": list(result.warnings),
            "own_text": " ".join(word.text for word in page.own_text.words) or None,
            "confidence": result.confidence,
            "attempts": [asdict(attempt) for attempt in result.attempts],
            "seconds": result.seconds,
            "error": result.warnings[-1] if result.failed else None,
        }

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Refused as refusal:
            self.send("error", refusal.body)
        except LightonOcrError as error:
            self.send("error", refusal_of(error).body)
        except Exception as error:
            self.send("error", log_fault(error).body)
        finally:
            self._filled.set()  # the end, too, wakes the stream

    def _take(self) -> bytes:
        data = b"".join(self._buffer)
        self._buffer.clear()
        self._bytes = 0
        self._filled.clear()
        self._emptied.set()
        return data

    def _sign_of_life(self) -> bytes:
        if self._waiting is None:
            return _KEEP_ALIVE
        reason, since = self._waiting
        return _encode("waiting", {"reason": reason, "since_s": round(time.monotonic() - since, 1)})


def _encode(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode(
        errors="replace"
    )
