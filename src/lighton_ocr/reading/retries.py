"""Ask for an image until its answer is good: change settings, pause after errors."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial

from lighton_ocr.catalog import GROUNDING
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import (
    AccessDenied,
    EndpointBusy,
    EndpointError,
    EndpointGone,
    ModelMissing,
    RequestFailed,
)
from lighton_ocr.reading.attempts import (
    Attempt,
    AttemptSettings,
    Doubt,
    Fallbacks,
    PageBudget,
    ReadingPolicy,
)
from lighton_ocr.reading.blocks import BlockParser
from lighton_ocr.reading.client import PageClient, PageRequest
from lighton_ocr.reading.listener import PageListener
from lighton_ocr.reading.repetition import LoopDetector
from lighton_ocr.reading.stream import Answer
from lighton_ocr.reading.transcript import Transcript

ATTEMPTS_PER_IMAGE = 8  # for whatever reason; a page has a budget of its own
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)  # seconds before a failed request is repeated
_JITTER = 0.25  # of a pause, so that pages refused together do not come back together
REASONS: dict[Doubt, str] = {
    "length": "the answer was cut off at the token limit",
    "loop": "the model repeated itself",
    "unsure": "the model was unsure of what it read",
    "twice": "the model read a passage twice",
    "empty": "the model wrote nothing",
    "timeout": "the page's time limit was reached",
}


class PageFailed(Exception):
    """No answer for an image, with the reason."""


class RequestLimiter:
    """A hook around every request. This one does nothing; batches limit and slow requests here."""

    async def send(self, request: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send a request when it may be sent."""
        return await request()


class AttemptLog:
    """The attempts at one page, all its sections together, within the page's budget."""

    def __init__(self, page: int, budget: PageBudget, listener: PageListener) -> None:
        self.page = page
        self.attempts: list[Attempt] = []
        self._budget = budget
        self._listener = listener
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """The time since the page was begun."""
        return time.monotonic() - self._start

    @property
    def seconds_left(self) -> float | None:
        """What is left of the page's time, None without a limit; time in a queue is not counted."""
        if self._budget.seconds is None:
            return None
        used = sum(attempt.seconds for attempt in self.attempts)
        return max(0.0, self._budget.seconds - used)

    @property
    def is_exhausted(self) -> bool:
        """Whether the page may not be asked for again."""
        return len(self.attempts) >= self._budget.attempts or self.seconds_left == 0

    def add(
        self, image: EncodedPage, settings: AttemptSettings, outcome: str, seconds: float
    ) -> None:
        """Note an attempt at an image that has ended, and tell the listener."""
        number = len(self.attempts) + 1
        attempt = Attempt(number, settings, outcome, seconds, image.turned)
        self.attempts.append(attempt)
        self._listener.on_attempt(self.page, attempt)


class PageRetry:
    """The attempts at one image: a whole page, or a section of one."""

    def __init__(
        self,
        endpoint: Endpoint,
        client: PageClient,
        limiter: RequestLimiter,
        policy: ReadingPolicy,
        image: EncodedPage,
        log: AttemptLog,
        listener: PageListener,
    ) -> None:
        self._client = client
        self._limiter = limiter
        self._image = image
        self._log = log
        self._listener = listener
        self._boxes = policy.boxes
        self._fallbacks = Fallbacks(policy, endpoint, image)
        self._attempts = 0

    async def read(self, *, once: bool = False, after: Transcript | None = None) -> Transcript:
        """Ask until nothing is doubtful about the answer, and return the best one.

        With `once`, any answer is taken. `after` is such an answer, which is doubted.

        Raises:
            PageFailed: there was no answer.
            AccessDenied, ModelMissing, EndpointGone: no page can be read this way.
        """
        best = after
        settings: AttemptSettings | None = self._fallbacks.first
        if after is not None:
            settings = self._next(self._fallbacks.first, after)
        pauses = iter(_PAUSES)
        while settings is not None:
            try:
                answer = await self._limiter.send(partial(self._ask, settings))
            except RequestFailed as error:
                if self._may_not_go_on:
                    return _best_or_fail(best, error)
                self._listener.on_retry(self._log.page, str(error))
                await asyncio.sleep(_pause(error, next(pauses)))
                continue
            except (AccessDenied, ModelMissing, EndpointGone):
                raise  # it would be the same for every page
            except EndpointError as error:
                return _best_or_fail(best, error)
            transcript = Transcript.of(answer, self._image, self._boxes)
            if transcript.is_better_than(best):
                best = transcript
            settings = None if once else self._next(settings, transcript)
        assert best is not None  # noqa: S101 - every answer is better than none
        return best

    def _next(self, last: AttemptSettings, transcript: Transcript) -> AttemptSettings | None:
        """Return the settings of another attempt, None if this was the last."""
        if transcript.doubt is None or self._may_not_go_on:
            return None
        following = self._fallbacks.next(last, transcript.doubt)
        if following is not None:
            self._listener.on_retry(self._log.page, REASONS[transcript.doubt])
        return following

    @property
    def _may_not_go_on(self) -> bool:
        return self._attempts == ATTEMPTS_PER_IMAGE or self._log.is_exhausted

    async def _ask(self, settings: AttemptSettings) -> Answer:
        loop, loop_of_text = LoopDetector(), LoopDetector()
        pieces: list[str] = []
        parser = BlockParser(self._boxes) if self._boxes else None

        def show(text: str) -> None:
            if text:
                self._listener.on_text(self._log.page, text)

        def on_text(piece: str) -> bool:
            pieces.append(piece)
            text = parser.feed(piece) if parser else piece
            show(text)
            # The boxes of blocks with the same text differ.
            return loop.feed(piece) or (parser is not None and loop_of_text.feed(text))

        self._attempts += 1
        start = time.monotonic()
        outcome = "cancelled"
        prompt = GROUNDING if self._boxes == "layout" else ""
        request = PageRequest(self._image, settings, self._listener.live, prompt)
        try:
            async with asyncio.timeout(self._log.seconds_left):
                answer = await self._client.send(request, on_text)
            outcome = answer.finish
            show(parser.finish() if parser else "")
        except TimeoutError:
            outcome = "timeout"
            answer = Answer("".join(pieces), "timeout", 0, len(pieces))
        except EndpointError as error:
            outcome = str(error)
            raise
        finally:
            self._log.add(self._image, settings, outcome, time.monotonic() - start)
        return answer


def _best_or_fail(best: Transcript | None, error: EndpointError) -> Transcript:
    if best is None:
        raise PageFailed(str(error)) from None
    return best


def _pause(error: RequestFailed, planned: float) -> float:
    """Return the seconds to wait: what the server asked for, or what is planned, with jitter."""
    spread = _JITTER * random.random()  # noqa: S311
    asked = error.retry_after if isinstance(error, EndpointBusy) else None
    # Pause even if the server asks for no pause: all attempts would be used up at once.
    return asked * (1 + spread) if asked else planned * (1 - spread)
