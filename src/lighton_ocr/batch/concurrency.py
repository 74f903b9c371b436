"""Limit the requests in flight: raise the limit while throughput rises, halve it when refused."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import EndpointBusy, EndpointGone
from lighton_ocr.reading.retries import RequestLimiter
from lighton_ocr.reading.stream import Answer

MAX_IN_FLIGHT = 1024  # requests; vLLM runs at most 256 to 1024 sequences on one GPU
OUTAGE_SECONDS = 600.0  # a new GPU container may take that long to start
# An engine that we started is on this machine: it may be slow, but if it refuses everything for so
# long, it is dead. This has to be noticed before a page runs out of attempts, after some 24 s.
_OWN_OUTAGE_SECONDS = 20.0
_FIRST_GROWTH, _GROWTH = 2.0, 1.25
_WORTH = 0.2  # share of a growth by which throughput has to rise, or the growth is undone
_ROUND = 8  # answers that are measured together, at least
_HOLD = 8  # rounds without a growth after one that was undone
_PROMPT_WEIGHT = 0.1  # a prompt token takes about a tenth of the time of one that is written
_CLOSED_SECONDS = (0.5, 60.0)  # first and longest pause when even one request is refused


@dataclass
class _Round:
    """The work done under one limit, while requests were waiting for it."""

    skip: int  # answers to requests that were sent under the previous limit
    start: float | None = None
    answers: int = 0
    work: float = 0.0


class AdaptiveConcurrency(RequestLimiter):
    """Adapts the number of requests in flight to what the endpoint can take.

    The limit grows as long as the endpoint's throughput grows with it. It is halved once for each
    burst of refusals (429, 502, 503, 504, timeouts, no connection), and nothing is sent until a
    Retry-After has passed. If even a single request is refused, the pauses between requests grow.
    All times are those of the running event loop.
    """

    def __init__(
        self,
        start: int,
        max_in_flight: int = MAX_IN_FLIGHT,
        outage_seconds: float = OUTAGE_SECONDS,
    ) -> None:
        self.limit = start
        self._max_in_flight = max_in_flight
        self._outage_seconds = outage_seconds
        self._in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed_until: float | None = None
        self._growth = _FIRST_GROWTH
        self._before: tuple[int, float] | None = None  # limit and rate before the last growth
        self._hold = 0
        self._round = _Round(skip=0)
        self._last_cut = -1.0
        self._refusals = self._floor_refusals = 0  # since the last answer; those at a limit of 1
        self._proven = 0  # a limit to return to without measuring whether it pays
        self._silent_since: float | None = None

    @classmethod
    def of(cls, endpoint: Endpoint) -> "AdaptiveConcurrency":
        """Return one that starts from the endpoint's slots; the embedded engine gets no more."""
        most = endpoint.slots if endpoint.is_embedded else MAX_IN_FLIGHT
        outage = _OWN_OUTAGE_SECONDS if endpoint.managed else OUTAGE_SECONDS
        return cls(endpoint.slots, most, outage)

    async def send(self, request: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send a request when it is its turn, and adapt the limit to the outcome.

        Raises:
            EndpointBusy: the request was refused.
            EndpointGone: everything was refused for `outage_seconds`.
        """
        await self._enter()
        sent = _now()
        try:
            answer = await request()
        except EndpointBusy as error:
            self._refused(error, sent)
            raise
        else:
            self._answered(answer)
            return answer
        finally:
            self._leave()

    async def _enter(self) -> None:
        if not self._waiting and self._is_open():
            self._in_flight += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()  # it was cancelled in the moment that its turn came
            raise

    def _leave(self) -> None:
        self._in_flight -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._is_open():
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._in_flight += 1

    def _is_open(self) -> bool:
        return self._in_flight < self.limit and self._closed_until is None

    def _close(self, seconds: float) -> None:
        end = _now() + seconds
        if self._closed_until is None or end > self._closed_until:
            self._closed_until = end
            asyncio.get_running_loop().call_at(end, self._reopen, end)

    def _reopen(self, end: float) -> None:
        if end == self._closed_until:  # not postponed meanwhile
            self._closed_until = None
            self._admit()

    def _refused(self, error: EndpointBusy, sent: float) -> None:
        now = _now()
        self._silent_since = self._silent_since or now
        if now - self._silent_since > self._outage_seconds:
            raise EndpointGone(
                f"{error}, for {now - self._silent_since:.0f} seconds now. What was read is kept: "
                "run the same command again when the endpoint is back."
            )
        if error.retry_after:
            self._close(error.retry_after)
        if sent <= self._last_cut:
            return  # part of the burst for which the limit was halved
        self._last_cut = now
        if self._refusals == 0:
            self._proven = self.limit // 2
        if self.limit == 1:
            first, longest = _CLOSED_SECONDS
            self._close(min(longest, first * 2**self._floor_refusals))
            self._floor_refusals += 1
        self._refusals += 1
        self._set_limit(self.limit // 2)
        self._growth, self._before, self._hold = _GROWTH, None, 0

    def _answered(self, answer: Answer) -> None:
        self._refusals = self._floor_refusals = 0
        self._silent_since = None
        current = self._round
        if not self._waiting:
            self._round = _Round(skip=0)  # too few requests to measure the endpoint
        elif current.skip > 0:
            current.skip -= 1
        elif current.start is None:
            current.start = _now()
        else:
            current.answers += 1
            current.work += answer.completion_tokens + _PROMPT_WEIGHT * answer.prompt_tokens
            if self.limit < self._proven and current.answers >= self.limit:
                self._set_limit(min(2 * self.limit, self._proven))
            elif current.answers >= max(_ROUND, self.limit):
                self._adapt(current.work / max(1e-9, _now() - current.start))

    def _adapt(self, rate: float) -> None:
        """Raise the limit, keep it, or undo the last growth, by the work per second of a round."""
        if self._hold > 0:
            self._hold -= 1
            self._round = _Round(skip=0)
            return
        if self._before is not None:
            limit, slower = self._before
            self._before = None
            if rate < slower * (1 + _WORTH * (self.limit / limit - 1)):
                self._growth, self._hold = _GROWTH, _HOLD
                self._set_limit(limit)
                return
        if self.limit < self._max_in_flight:
            self._before = (self.limit, rate)
            self._set_limit(max(self.limit + 1, int(self.limit * self._growth)))

    def _set_limit(self, limit: int) -> None:
        self._round = _Round(skip=self._in_flight)
        self.limit = min(self._max_in_flight, max(1, limit))
        self._admit()


def _now() -> float:
    return asyncio.get_running_loop().time()
