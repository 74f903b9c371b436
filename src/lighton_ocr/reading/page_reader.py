"""One page through an endpoint: asked for until its reading is right, at last in parts."""

import asyncio
import math
import time
from dataclasses import replace
from functools import reduce
from statistics import fmean

from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.documents.splitting import halves, join
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.client import PageClient
from lighton_ocr.reading.repetition import has_repeated_passage, keep_one_copy
from lighton_ocr.reading.results import Finish, PageResult
from lighton_ocr.reading.retries import (
    COMPLAINTS,
    Attempt,
    Climb,
    Doubt,
    PageListener,
    RequestLimiter,
    doubt_of,
)

_CUTS = 3  # how often a page is cut in two at most: the smallest parts are eighths


class PageReader:
    """Reads single pages through one endpoint; each asks until it ends well or tries run out."""

    def __init__(
        self, endpoint: Endpoint, client: PageClient, gate: RequestLimiter | None = None
    ) -> None:
        self._endpoint = endpoint
        self._client = client
        self._gate = gate or RequestLimiter()

    async def read(self, page: EncodedPage, listener: PageListener) -> PageResult:
        """Ask until the model ends the page by itself: again, hotter, and at last in parts.

        A page that cannot be read comes back marked as such, also if it is one piece of a tall one.

        Raises:
            AccessDenied, ModelMissing, EndpointGone: no page can be read this way.
        """
        if page.below is None:
            return await self._read(page, listener)
        heard = _PartListener(listener, 0)
        parts = []
        piece: EncodedPage | None = page
        while piece is not None:
            parts.append(await self._read(piece, heard))
            if parts[-1].failed:
                return replace(parts[-1], attempts=heard.tries)
            piece = piece.below
        whole = replace(_together(parts), attempts=heard.tries)
        listener.on_text(whole.page, whole.text)
        return whole

    async def _read(self, page: EncodedPage, listener: PageListener) -> PageResult:
        start = time.monotonic()
        climb = Climb(self._endpoint, self._client, self._gate, page, listener)
        whole = reading = await climb.read()
        doubt = doubt_of(whole)
        if doubt and (cut := await asyncio.to_thread(halves, page)):
            listener.on_retry(reading.page, COMPLAINTS[doubt])
            parts = _PartListener(listener, reading.attempts)
            reading = await self._in_parts(cut, reading, doubt, parts)
            reading = replace(reading, attempts=parts.tries)
            listener.on_text(reading.page, reading.text)
        if reading.text == whole.text:  # of parts, copies are taken out before they are joined
            reading = replace(reading, text=_said_once(reading))
        return replace(reading, seconds=time.monotonic() - start)

    async def _in_parts(
        self,
        cut: list[EncodedPage],
        whole: PageResult,
        doubt: Doubt,
        listener: PageListener,
        cuts: int = 1,
    ) -> PageResult:
        """The halves' texts as one, cut again where they do not end; else `whole`."""
        parts = []
        for half in cut:
            climb = Climb(self._endpoint, self._client, self._gate, half, listener, once=True)
            part = await climb.read()
            wrong = doubt_of(part)
            if wrong in ("length", "loop") and cuts < _CUTS:
                smaller = await asyncio.to_thread(halves, half)
                part = await self._in_parts(smaller, part, wrong, listener, cuts + 1)
            if part.failed:
                return whole
            parts.append(part)
        return _better(whole, doubt, _joined(whole.page, doubt, parts)) if parts else whole


class _PartListener(PageListener):
    """Passes on what is tried for parts, numbered on; their text comes when the page is whole."""

    def __init__(self, listener: PageListener, tries: int) -> None:
        self._listener = listener
        self.tries = tries

    def on_try(self, page: int, attempt: Attempt) -> None:
        self.tries += 1
        self._listener.on_try(page, replace(attempt, number=self.tries))


def _better(whole: PageResult, doubt: Doubt, joined: PageResult) -> PageResult:
    """Which of the two to keep: the parts', unless they are no better."""
    match doubt:
        case "unsure" if (joined.confidence or 0) <= (whole.confidence or 0):
            return whole
        case "twice" if has_repeated_passage(joined.text):
            return replace(whole, warnings=())  # the page itself says it twice
        case "twice" if doubt_of(joined):
            return whole
        case _:
            return joined


def _joined(page: int, doubt: Doubt, parts: list[PageResult]) -> PageResult:
    """The page (from 1) as its parts say it; what was wrong with the whole becomes a warning."""
    complaint = f"Page {page}: {COMPLAINTS[doubt]}, so it was read in parts"
    left = any(map(doubt_of, parts))
    warning = f"{complaint}; one of them is still not right." if left else f"{complaint}."
    return replace(_together(parts), warnings=(warning,))


def _together(parts: list[PageResult]) -> PageResult:
    """Parts of a page as one; `attempts` are counted by whoever hears of each."""
    cut_short: list[Finish] = [part.finish for part in parts if part.finish != "stop"]
    sure = [(part.confidence, part.completion_tokens) for part in parts if part.confidence]
    return PageResult(
        page=parts[0].page,
        text=reduce(join, map(_said_once, parts)),
        finish=cut_short[0] if cut_short else "stop",
        attempts=0,
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        completion_tokens=sum(part.completion_tokens for part in parts),
        seconds=sum(part.seconds for part in parts),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
        confidence=_mean(sure) if sure else None,
    )


def _said_once(reading: PageResult) -> str:
    return keep_one_copy(reading.text) if reading.warnings else reading.text


def _mean(sure: list[tuple[float, int]]) -> float:
    """The confidence of texts together, from each one's own and its number of tokens."""
    return math.exp(fmean((math.log(one) for one, _ in sure), (tokens for _, tokens in sure)))
