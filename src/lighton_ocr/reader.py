"""Read documents through an endpoint: pages in flight, loops cut short, bad pages tried again."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Self

from lighton_ocr.client import Answer, PageClient, PageRequest, StreamBroken, Tries
from lighton_ocr.documents import Document, choose_pages
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import AccessDenied, EndpointError, ModelMissing, PageError
from lighton_ocr.pages import EncodedPage, Encoding, encode
from lighton_ocr.quality import LoopDetector, cut_loop
from lighton_ocr.readings import Finish, Reading

MAX_TRIES = 8  # requests for one page, all reasons together
_LADDER = (0.3, 0.5, 0.8)  # temperatures after the model's own, as far as they are higher
_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds before a broken stream is asked for again
_COMPLAINTS = {
    "length": "the answer was cut off at the token limit",
    "loop": "the model repeated itself",
}
_MARGIN = 64  # prompt tokens beside the picture's own


class Listener:
    """Is told what happens while pages are read; override what you need.

    With `live` set, text arrives token by token instead of in packets.
    """

    live: bool = False

    def on_start(self, page: int) -> None:
        """A page (from 1) is taken up."""

    def on_text(self, page: int, piece: str) -> None:
        """A piece of the text of a page."""

    def on_retry(self, page: int, reason: str) -> None:
        """What came so far of this page is void; it is read again, for that reason."""

    def on_page(self, document: Document, reading: Reading) -> None:
        """A page is done, in whatever order pages finish."""


@dataclass(frozen=True)
class _Rung:
    """One way of asking for a page."""

    temperature: float
    max_tokens: int
    room: int  # what the context leaves for an answer


class Reader:
    """Reads pages through one endpoint, `concurrency` of them at a time.

    Use it inside `async with`; a reader may read several documents one after the other.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        concurrency: int | None = None,
        encoding: Encoding = "png",
        listener: Listener | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._encoding = encoding
        self._listener = listener or Listener()
        self._concurrency = concurrency or endpoint.slots
        self._in_flight = asyncio.Semaphore(self._concurrency)
        self._client = PageClient(endpoint)
        self._tasks: set[asyncio.Task[Reading]] = set()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await _cancel(self._tasks)  # pages whose readings nobody waited for
        await self._client.__aexit__(*exception)

    async def read(self, document: Document, pages: str | None = None) -> AsyncIterator[Reading]:
        """Yield a reading for each page, in order; a bad page is yielded as such.

        `pages` is a range such as `1-3,7,-1`.

        Raises:
            UsageError: the range names a page that is not there.
            AccessDenied, ModelMissing: no page can be read this way.
        """
        chosen = choose_pages(pages, document.page_count, document.name)
        wanted = ((document, index) for index in chosen)
        async with aclosing(self.read_pages(wanted)) as readings:
            async for _, reading in readings:
                yield reading

    async def read_pages(
        self, wanted: Iterable[tuple[Document, int]]
    ) -> AsyncGenerator[tuple[Document, Reading]]:
        """Yield readings of pages of any documents, in the order in which they are wanted.

        `wanted` holds documents with page indices (from 0) and is consumed as pages are done: at
        most twice as many pages as are in flight are rendered or kept at a time.

        Raises:
            AccessDenied, ModelMissing: no page can be read this way.
        """
        window: deque[tuple[Document, asyncio.Task[Reading]]] = deque()
        try:
            for document, index in wanted:
                if len(window) == 2 * self._concurrency:
                    oldest, task = window.popleft()
                    yield oldest, await task
                task = asyncio.create_task(self._read_page(document, index))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                window.append((document, task))
            while window:
                oldest, task = window.popleft()
                yield oldest, await task
        finally:
            await _cancel([task for _, task in window])

    async def _read_page(self, document: Document, index: int) -> Reading:
        async with self._in_flight:
            start = time.monotonic()
            self._listener.on_start(index + 1)
            try:
                prepared = await asyncio.to_thread(self._prepare, document, index)
            except PageError as fault:
                reading = _failed(index + 1, str(fault), 0)
            else:
                reading = await self._ask(prepared) if prepared else _blank(index + 1)
            reading = replace(reading, seconds=time.monotonic() - start)
        self._listener.on_page(document, reading)
        return reading

    def _prepare(self, document: Document, index: int) -> tuple[EncodedPage, int] | None:
        """The page as bytes, and how many image tokens it will take; None if it is blank."""
        geometry = self._endpoint.geometry
        page = document.render(index, geometry)
        if page.is_blank:
            return None
        width, height = page.image.size
        return encode(page, self._encoding), width * height // geometry.grid**2

    async def _ask(self, prepared: tuple[EncodedPage, int]) -> Reading:
        """Climb the ladder until the model ends a page by itself, and keep the best answer."""
        page, image_tokens = prepared
        number = page.index + 1
        tries = Tries(MAX_TRIES)
        pauses = iter(_PAUSES)
        best: Answer | None = None
        rung = self._first_rung(image_tokens)
        while True:
            try:
                answer = await self._try(page, rung, tries)
            except StreamBroken as fault:
                pause = next(pauses, None)
                if pause is None or not tries.left:
                    return _kept(number, best, tries, str(fault))
                self._listener.on_retry(number, str(fault))
                await asyncio.sleep(pause)
                continue
            except (AccessDenied, ModelMissing):
                raise  # so it would be for every page
            except EndpointError as fault:
                return _kept(number, best, tries, str(fault))
            best = answer if best is None or _rank(answer) < _rank(best) else best
            higher = _next_rung(rung, answer)
            if higher is None or not tries.left:
                return _kept(number, best, tries)
            self._listener.on_retry(number, _COMPLAINTS[answer.finish])
            rung = higher

    async def _try(self, page: EncodedPage, rung: _Rung, tries: Tries) -> Answer:
        loop = LoopDetector()

        def on_text(piece: str) -> bool:
            self._listener.on_text(page.index + 1, piece)
            return loop.feed(piece)

        sampling = self._endpoint.model.sampling
        request = PageRequest(page, rung.temperature, sampling.top_p, rung.max_tokens)
        return await self._client.ask(request, tries, on_text, self._listener.live)

    def _first_rung(self, image_tokens: int) -> _Rung:
        model = self._endpoint.model
        room = model.context - image_tokens - _MARGIN
        return _Rung(model.sampling.temperature, min(model.sampling.max_tokens, room), room)


async def _cancel(tasks: Iterable[asyncio.Task[Reading]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _next_rung(rung: _Rung, answer: Answer) -> _Rung | None:
    """More room after a cut-off answer, a higher temperature after a loop, None at the top."""
    if answer.finish == "length" and rung.max_tokens < rung.room:
        return replace(rung, max_tokens=min(2 * rung.max_tokens, rung.room))
    if answer.finish == "loop":
        hotter = [temperature for temperature in _LADDER if temperature > rung.temperature]
        return replace(rung, temperature=hotter[0]) if hotter else None
    return None


def _rank(answer: Answer) -> int:
    return {"length": 1, "loop": 2}.get(answer.finish, 0)


def _kept(page: int, best: Answer | None, tries: Tries, fault: str | None = None) -> Reading:
    """The reading of the best answer, or of none."""
    if best is None:
        return _failed(page, f"Page {page} could not be read: {fault}.", tries.used)
    finish: Finish = best.finish if best.finish in ("length", "loop") else "stop"  # type: ignore[assignment]
    text = cut_loop(best.text) if finish == "loop" else best.text
    warnings = () if finish == "stop" else (f"Page {page}: {_COMPLAINTS[finish]}, to the last.",)
    return Reading(
        page=page,
        text=text,
        finish=finish,
        attempts=tries.used,
        prompt_tokens=best.prompt_tokens,
        completion_tokens=best.completion_tokens,
        seconds=0.0,
        warnings=warnings,
    )


def _blank(page: int) -> Reading:
    return Reading(page, "", "stop", 0, 0, 0, 0.0)


def _failed(page: int, message: str, attempts: int) -> Reading:
    return Reading(page, "", "error", attempts, 0, 0, 0.0, (message,))
