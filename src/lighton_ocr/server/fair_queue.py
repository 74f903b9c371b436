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
class Place:
    """A request in the queue: `sender` as `sender_of` tells them apart."""

    sender: str
    id: str


def place_of(request: Request, kind: str) -> Place:
    """Return a new place for a request; its id begins with `kind`."""
    sender = sender_of(request.scope, is_public=not request.app.state.keys_tell_senders)
    return Place(sender, f"{kind}-{secrets.token_hex(12)}")


@dataclass(eq=False)
class _Ticket:
    place: Place
    granted: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class FairQueue:
    """Hands out `slots` of an endpoint to the pages of requests.

    A free slot goes to the sender with the fewest pages in flight, and among equals to the one
    whose last turn is longest ago; then to that sender's request by the same rule.
    """

    def __init__(self, slots: int, requests: int, requests_per_sender: int) -> None:
        self._free = slots
        self._requests = requests
        self._requests_per_sender = requests_per_sender
        self._admitted: Counter[str] = Counter()  # requests by sender
        self._in_flight: Counter[str | Place] = Counter()
        self._last_turn: dict[str | Place, int] = {}
        self._turns = itertools.count(1)
        self._waiting: list[_Ticket] = []

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
        return sum(count for key, count in self._in_flight.items() if isinstance(key, Place))

    @contextmanager
    def admit(self, place: Place) -> Iterator[None]:
        """Count a request while the `with` block runs.

        Raises:
            Refused: the queue is full, or the sender has filled its part of it (429).
        """
        sender = place.sender
        if self.admitted >= self._requests:
            raise Refused(429, "The queue is full. Try again later.")
        if self._admitted[sender] >= self._requests_per_sender:
            raise Refused(429, "Too many of your requests are waiting. Try again later.")
        self._admitted[sender] += 1
        try:
            yield
        finally:
            self._admitted[sender] -= 1
            self._last_turn.pop(place, None)
            if not self._admitted[sender]:
                del self._admitted[sender]
                self._last_turn.pop(sender, None)

    async def take(self, place: Place) -> None:
        """Wait for a slot; whoever takes one gives it back with `release`."""
        if self._free and not self._waiting:
            self._grant(place)
            return
        ticket = _Ticket(place)
        self._waiting.append(ticket)
        try:
            await ticket.granted
        except asyncio.CancelledError:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            else:  # the slot came in the same moment
                self.release(place)
            raise

    def release(self, place: Place) -> None:
        """Give a slot back, to whoever is next."""
        self._free += 1
        for key in (place.sender, place):
            self._in_flight[key] -= 1
            if not self._in_flight[key]:
                del self._in_flight[key]
        while self._free and self._waiting:
            ticket = min(self._waiting, key=self._rank)
            self._waiting.remove(ticket)
            self._grant(ticket.place)
            ticket.granted.set_result(None)

    @asynccontextmanager
    async def turn(self, place: Place) -> AsyncIterator[None]:
        """Hold a slot while the `async with` block runs."""
        await self.take(place)
        try:
            yield
        finally:
            self.release(place)

    def _grant(self, place: Place) -> None:
        self._free -= 1
        turn = next(self._turns)
        for key in (place.sender, place):
            self._in_flight[key] += 1
            self._last_turn[key] = turn

    def _rank(self, ticket: _Ticket) -> tuple[int, ...]:
        place = ticket.place
        return tuple(
            number
            for key in (place.sender, place)
            for number in (self._in_flight[key], self._last_turn.get(key, 0))
        )
