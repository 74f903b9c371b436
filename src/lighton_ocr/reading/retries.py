"""What is asked for one page: bad answers again, in another way, within bounds."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import AccessDenied, EndpointError, EndpointGone, ModelMissing
from lighton_ocr.reading.client import Answer, Busy, PageClient, PageRequest, TryAgain
from lighton_ocr.reading.repetition import LoopDetector, cut_loop, has_repeated_passage
from lighton_ocr.reading.results import Finish, PageResult, failed_page

MAX_TRIES = 8  # requests for one page, all reasons together
_HOTTER = 0.5  # temperature of the second try after a loop
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)  # seconds before a failed request is repeated
_JITTER = 0.25  # of a pause, so that pages refused together do not come back together
Doubt = Literal["length", "loop", "unsure", "twice"]
COMPLAINTS: dict[Doubt, str] = {
    "length": "the answer was cut off at the token limit",
    "loop": "the model repeated itself",
    "unsure": "the model was unsure of what it read",
    "twice": "the model read a passage twice",
}
_SURE = 0.85  # confidence under which a page is called unsure
_MARGIN = 64  # prompt tokens beside the picture's own


@dataclass(frozen=True)
class Attempt:
    """One request for a page: `number` from 1; `outcome` is a finish, or what went wrong."""

    number: int
    temperature: float
    max_tokens: int
    outcome: str
    seconds: float


class PageListener:
    """Is told what happens while one page is read; override what you need.

    With `live` set, text arrives token by token instead of in packets.
    """

    live: bool = False

    def on_text(self, page: int, piece: str) -> None:
        """A piece of the text of a page (from 1)."""

    def on_retry(self, page: int, reason: str) -> None:
        """What came so far of this page is void; it is read again, for that reason."""

    def on_try(self, page: int, attempt: Attempt) -> None:
        """A request for this page has come to its end."""


class RequestLimiter:
    """What every request passes; this one lets all through, a batch's bounds and slows them."""

    async def through(self, request: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send a request when it may be sent."""
        return await request()


@dataclass(frozen=True)
class _Rung:
    """One way of asking for a page."""

    temperature: float
    max_tokens: int
    room: int  # what the context leaves for an answer


class Climb:
    """The way up the ladder of a page, or a part; with `once`, any answer is kept."""

    def __init__(
        self,
        endpoint: Endpoint,
        client: PageClient,
        gate: RequestLimiter,
        page: EncodedPage,
        listener: PageListener,
        once: bool = False,
    ) -> None:
        self._endpoint = endpoint
        self._client = client
        self._gate = gate
        self._page = page
        self._listener = listener
        self._once = once
        self._tries = 0
        self._best: Answer | None = None

    async def read(self) -> PageResult:
        """Ask until there is an answer that nothing speaks against, and keep the best.

        Raises:
            AccessDenied, ModelMissing, EndpointGone: no page can be read this way.
        """
        number = self._page.index + 1
        pauses = iter(_PAUSES)
        rung = self._first_rung()
        while True:
            try:
                answer = await self._gate.through(lambda rung=rung: self._try(rung))  # type: ignore[misc]
            except TryAgain as fault:
                if self._tries == MAX_TRIES:
                    return self._kept(str(fault))
                self._listener.on_retry(number, str(fault))
                await asyncio.sleep(_pause(fault, next(pauses)))
                continue
            except (AccessDenied, ModelMissing, EndpointGone):
                raise  # so it would be for every page
            except EndpointError as fault:
                return self._kept(str(fault))
            if self._best is None or _rank(answer) < _rank(self._best):
                self._best = answer
            doubt = doubt_of(answer)
            higher = self._next_rung(rung, doubt)
            if doubt is None or higher is None or self._tries == MAX_TRIES:
                return self._kept()
            self._listener.on_retry(number, COMPLAINTS[doubt])
            rung = higher

    async def _try(self, rung: _Rung) -> Answer:
        number = self._page.index + 1
        loop = LoopDetector()

        def on_text(piece: str) -> bool:
            self._listener.on_text(number, piece)
            return loop.feed(piece)

        self._tries += 1
        start = time.monotonic()
        outcome = "cancelled"
        try:
            request = PageRequest(
                self._page, rung.temperature, self._endpoint.model.sampling.top_p, rung.max_tokens
            )
            answer = await self._client.ask(request, on_text, self._listener.live)
            outcome = answer.finish
        except EndpointError as fault:
            outcome = str(fault)
            raise
        finally:
            seconds = time.monotonic() - start
            attempt = Attempt(self._tries, rung.temperature, rung.max_tokens, outcome, seconds)
            self._listener.on_try(number, attempt)
        return answer

    def _first_rung(self) -> _Rung:
        model = self._endpoint.model
        width, height = self._page.size
        room = model.context - width * height // model.grid**2 - _MARGIN
        return _Rung(model.sampling.temperature, min(model.sampling.max_tokens, room), room)

    def _next_rung(self, rung: _Rung, doubt: Doubt | None) -> _Rung | None:
        """More room after a cut-off answer, a higher temperature after a loop, None at the top."""
        if self._once:
            return None
        if doubt == "length" and rung.max_tokens < rung.room:
            return replace(rung, max_tokens=min(2 * rung.max_tokens, rung.room))
        if doubt == "loop" and rung.temperature < _HOTTER:
            return replace(rung, temperature=_HOTTER)
        return None

    def _kept(self, fault: str | None = None) -> PageResult:
        """The reading of the best answer, or of none."""
        page, best = self._page.index + 1, self._best
        if best is None:
            return failed_page(page, f"Page {page} could not be read: {fault}.", self._tries)
        doubt = doubt_of(best)
        finish: Finish = doubt if doubt in ("length", "loop") else "stop"
        return PageResult(
            page=page,
            text=cut_loop(best.text) if finish == "loop" else best.text,
            finish=finish,
            attempts=self._tries,
            prompt_tokens=best.prompt_tokens,
            completion_tokens=best.completion_tokens,
            seconds=0.0,
            warnings=(f"Page {page}: {COMPLAINTS[doubt]}, to the last.",) if doubt else (),
            confidence=best.confidence,
        )


def doubt_of(answer: Answer | PageResult) -> Doubt | None:
    """What speaks against an answer, if anything does.

    Without a confidence, as from a GPU's server, what ended by itself is believed: a larger model
    seldom loses its place, and a page that does say something twice would be paid for twice.
    """
    match answer.finish:
        case "length":
            return "length"
        case "loop":
            return "loop"
        case _ if answer.confidence is None:
            return None
        case _ if answer.confidence < _SURE:
            return "unsure"
        case _:
            return "twice" if has_repeated_passage(answer.text) else None


def _pause(fault: TryAgain, planned: float) -> float:
    spread = _JITTER * random.random()  # noqa: S311
    asked = fault.retry_after if isinstance(fault, Busy) else None
    # "At once" is not taken at its word: all tries would be over within a blink.
    return asked * (1 + spread) if asked else planned * (1 - spread)


def _rank(answer: Answer) -> int:
    return (None, "twice", "unsure", "length", "loop").index(doubt_of(answer))
