"""The order of pages: senders take turns, and so do the documents of each sender."""

import asyncio
import itertools
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from fastapi import Request

from lighton_ocr.engines.vllm.fair_share import sender_of
from lighton_ocr.engines.vllm.refusal import Refused


@dataclass(frozen=True)
class QueuedRequest:
    """A request in a queue; `sender` is who sent it, as `sender_of` says."""

    sender: str
    id: str


def queued_request(request: Request, kind: str) -> QueuedRequest:
    """Return a request as queues know it, with a new id that begins with `kind`."""
    sender = sender_of(request.scope, is_public=not request.app.state.keys_tell_senders)
    return QueuedRequest(sender, f"{kind}-{secrets.token_hex(12)}")


@dataclass(eq=False)
class _WaitingPage:
    queued: QueuedRequest
    granted: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class FairQueue:
    """Hands out `slots` of an endpoint to the pages of requests.

    A free slot goes to the sender with the fewest pages in flight, and among equals to the one
    whose last slot was granted longest ago; then to that sender's request by the same rule.
    """

    def __init__(self, slots: int, requests: int, requests_per_sender: int) -> None:
        self._free = slots
        self._requests = requests
        self._requests_per_sender = requests_per_sender
        self._admitted: Counter[str] = Counter()  # requests by sender
        self._in_flight: Counter[str | QueuedRequest] = Counter()
        self._last_grant: dict[str | QueuedRequest, int] = {}
        self._grants = itertools.count(1)
        self._waiting: list[_WaitingPage] = []

    @property
    def is_busy(self) -> bool:
        """Whether a page would have to wait."""
        return self._free == 0

    @property
    def admitted(self) -> int:
        """How many requests are being answered or wait."""
        return self._admitted.total()

    @property
    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return len(self._waiting)

    @property
    def in_flight(self) -> int:
        """How many pages have a slot."""
        return sum(
            count for key, count in self._in_flight.items() if isinstance(key, QueuedRequest)
        )

    @contextmanager
    def admit(self, queued: QueuedRequest) -> Iterator[None]:
        """Count a request while the `with` block runs.

        Raises:
            Refused: the queue is full, or the sender has filled its part of it (429).
        """
        sender = queued.sender
        if self.admitted >= self._requests:
            raise Refused(429, "The queue is full. Try again later.")
        if self._admitted[sender] >= self._requests_per_sender:
            raise Refused(429, "Too many of your requests are waiting. Try again later.")
        self._admitted[sender] += 1
        try:
            yield
        finally:
            self._admitted[sender] -= 1
            self._last_grant.pop(queued, None)
            if not self._admitted[sender]:
                del self._admitted[sender]
                self._last_grant.pop(sender, None)

    async def take(self, queued: QueuedRequest) -> None:
        """Wait for a slot; whoever takes one gives it back with `release`."""
        if self._free and not self._waiting:
            self._grant(queued)
            return
        waiting_page = _WaitingPage(queued)
        self._waiting.append(waiting_page)
        try:
            await waiting_page.granted
        except asyncio.CancelledError:
            if waiting_page in self._waiting:
                self._waiting.remove(waiting_page)
            else:  # the slot came in the same moment
                self.release(queued)
            raise

    def release(self, queued: QueuedRequest) -> None:
        """Give a slot back, to whoever is next."""
        self._free += 1
        for key in (queued.sender, queued):
            self._in_flight[key] -= 1
            if not self._in_flight[key]:
                del self._in_flight[key]
        while self._free and self._waiting:
            waiting_page = min(self._waiting, key=self._rank)
            self._waiting.remove(waiting_page)
            self._grant(waiting_page.queued)
            waiting_page.granted.set_result(None)

    @asynccontextmanager
    async def slot(self, queued: QueuedRequest) -> AsyncIterator[None]:
        """Hold a slot while the `async with` block runs."""
        await self.take(queued)
        try:
            yield
        finally:
            self.release(queued)

    def _grant(self, queued: QueuedRequest) -> None:
        self._free -= 1
        number = next(self._grants)
        for key in (queued.sender, queued):
            self._in_flight[key] += 1
            self._last_grant[key] = number

    def _rank(self, waiting_page: _WaitingPage) -> tuple[int, ...]:
        queued = waiting_page.queued
        return tuple(
            number
            for key in (queued.sender, queued)
            for number in (self._in_flight[key], self._last_grant.get(key, 0))
        )
