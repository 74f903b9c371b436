"""How many pages one sender may have in flight, and in which order pages reach vLLM."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from lighton_ocr.engines.vllm.refusal import Message, Refused

_QUEUE_FACTOR = 4  # times the capacity; our own batches keep up to twice the capacity in flight
_TOTAL_FACTOR = 8  # the same for all senders together: each page takes memory while it waits
_PASSED_FACTOR = 2  # times the capacity: one page waits in vLLM behind each that is read


class FairShare:
    """Counts the pages in flight, by sender; `capacity` is how many are read at once.

    While fewer pages than that are in flight, nobody is refused. Beyond it, a sender is refused who
    has its share or more: the capacity divided by the number of senders. A sender who is alone may
    fill the queue up to four times the capacity. Each API server of vLLM counts its own pages, so
    `capacity` is its part of the whole.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._in_flight: Counter[str] = Counter()
        self._waiting: list[asyncio.Future[None]] = []

    @contextmanager
    def admit(self, sender: str) -> Iterator[None]:
        """Count a page while the `with` block runs.

        Raises:
            Refused: the sender has its share (429), or the queue is full (503).
        """
        if self._is_full:
            raise Refused(503, "The queue is full. Try again later.")
        if self._has_share(sender):
            raise Refused(429, "Your share of the pages is already in flight. Try again later.")
        with self._count(sender):
            yield

    @asynccontextmanager
    async def turn(self, sender: str) -> AsyncIterator[None]:
        """Count a page while the `async with` block runs, which waits where `admit` refuses.

        For pages of documents that were accepted: how many of them wait is bounded elsewhere.
        """
        while self._is_full or self._has_share(sender):
            released = asyncio.get_running_loop().create_future()
            self._waiting.append(released)
            await released
        with self._count(sender):
            yield

    @contextmanager
    def _count(self, sender: str) -> Iterator[None]:
        self._in_flight[sender] += 1
        try:
            yield
        finally:
            self._in_flight[sender] -= 1
            if not self._in_flight[sender]:
                del self._in_flight[sender]
            waiting, self._waiting = self._waiting, []
            for released in waiting:  # each looks again, in the order in which they came
                if not released.done():
                    released.set_result(None)

    @property
    def _is_full(self) -> bool:
        return self._in_flight.total() >= _TOTAL_FACTOR * self._capacity

    def _has_share(self, sender: str) -> bool:
        return self._in_flight[sender] >= self._limit()

    def _limit(self) -> int:
        total, senders = self._in_flight.total(), len(self._in_flight)
        if total < self._capacity or senders == 1:
            return _QUEUE_FACTOR * self._capacity
        return max(1, self._capacity // senders)


class FairOrder:
    """The order in which admitted pages reach vLLM, which reads them as they come.

    vLLM has at most twice its capacity, so that the page of a new sender waits for no more pages
    than are read at once. The next place goes to the sender with the fewest; among equals, to the
    page that came first.
    """

    def __init__(self, capacity: int) -> None:
        self._free = _PASSED_FACTOR * capacity
        self._passed: Counter[str] = Counter()  # by sender
        self._held: list[tuple[str, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def place(self, sender: str) -> AsyncIterator[None]:
        """Wait for a place in vLLM, and hold it while the `async with` block runs."""
        held = (sender, asyncio.get_running_loop().create_future())
        self._held.append(held)
        self._pass_on()
        try:
            await held[1]
            yield
        finally:
            if held in self._held:  # cancelled while it waited
                self._held.remove(held)
            else:
                self._free += 1
                self._passed[sender] -= 1
                if not self._passed[sender]:
                    del self._passed[sender]
                self._pass_on()

    def _pass_on(self) -> None:
        while self._free > 0 and self._held:
            held = min(self._held, key=lambda held: self._passed[held[0]])
            self._held.remove(held)
            self._free -= 1
            self._passed[held[0]] += 1
            if not held[1].cancelled():  # one that is cancelled gives its place back itself
                held[1].set_result(None)


def sender_of(scope: Message, is_public: bool) -> str:
    """Return who sent a request: the digest of its key, or its address.

    On a public server nobody checks the keys, so anyone could have any number of them. uvicorn has
    put in the address that a proxy on this machine forwards.
    """
    key = dict(scope["headers"]).get(b"authorization")
    if key and not is_public:
        return hashlib.sha256(key).hexdigest()
    host, _ = scope.get("client") or ("", 0)
    return str(host)
