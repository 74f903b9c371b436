"""Read one page through an endpoint: as a whole, then in sections if the answer is doubtful."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lighton_ocr.documents.direction import turn_page, turn_upright
from lighton_ocr.documents.pages import WHOLE, EncodedPage, PreparedPage
from lighton_ocr.documents.prepare import Threads, Worker
from lighton_ocr.documents.splitting import halves
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import Doubt, ReadingPolicy
from lighton_ocr.reading.blocks import IMAGE_LINK, figure_boxes
from lighton_ocr.reading.client import PageClient
from lighton_ocr.reading.figures import crop_figures
from lighton_ocr.reading.found_blocks import find_blocks, number_figures
from lighton_ocr.reading.listener import PageListener
from lighton_ocr.reading.own_text import own_text_warnings, without_figures
from lighton_ocr.reading.page_check import check_page, corrected, may_lack_figures
from lighton_ocr.reading.repetition import has_repeated_passage
from lighton_ocr.reading.results import PageResult, blank_page, failed_page
from lighton_ocr.reading.retries import (
    REASONS,
    AttemptLog,
    PageFailed,
    PageRetry,
    RequestLimiter,
)
from lighton_ocr.reading.transcript import Transcript, join_transcripts

_SURER = 0.1  # how much more confident a turned page must be read if it is doubted, too


@dataclass(frozen=True)
class _Kept:
    """The transcript that is kept of an image, and what to warn of."""

    transcript: Transcript
    warning: str | None = None


class PageReader:
    """Reads single pages through one endpoint, all by the same policy.

    `worker` finds where the blocks of a page are, if the policy says so.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        client: PageClient,
        policy: ReadingPolicy,
        limiter: RequestLimiter | None = None,
        worker: Worker | None = None,
    ) -> None:
        self._worker = worker or Threads()
        self._endpoint = endpoint
        self._client = client
        self._policy = policy
        self._limiter = limiter or RequestLimiter()

    async def read(self, page: PreparedPage, listener: PageListener) -> PageResult:
        """Read a page: blank and broken ones are not sent.

        A page that is doubted is asked for again, then read in sections. One that cannot be read
        comes back marked as failed, even if only one piece of a tall page fails.

        Raises:
            AccessDenied, ModelMissing, EndpointGone: no page can be read this way.
        """
        number = page.index + 1
        if page.error is not None:
            return failed_page(number, page.error)
        if not page.pieces:
            return blank_page(number, page.warnings, page.size_pt)
        log = AttemptLog(number, self._policy.budget, listener)
        try:
            read = await self._read_pieces(await _turn_by_own_text(page), log, listener)
        except PageFailed as error:
            message = f"Page {number} could not be read: {error}."
            return failed_page(number, message, tuple(log.attempts), log.seconds)
        images = tuple(image for image, _ in read)
        kept = [one for _, one in read]
        whole = _joined(kept)
        if self._policy.finds_boxes and not self._policy.boxes:
            whole = replace(whole, text=number_figures(whole.text))
        warnings = dict.fromkeys(_warnings(images[0], kept))
        checked = await asyncio.to_thread(check_page, page, whole, self._policy)
        if checked and checked.text != whole.text:
            listener.on_corrected(number, checked.text)
        text, blocks = corrected(whole, checked)
        found = blocks
        if self._policy.finds_boxes or may_lack_figures(text, checked):
            try:
                found = await self._worker.run(find_blocks, text, images, page.own_text, blocks)
            except Exception as error:  # the text is worth more than its boxes
                if self._policy.finds_boxes:
                    warnings[f"its blocks were not found on the page: {error}"] = None
        check = without_figures(checked.check, figure_boxes(found)) if checked else None
        warnings |= dict.fromkeys(own_text_warnings(check) if check else ())
        blocks = found if self._policy.finds_boxes else blocks
        figures = await asyncio.to_thread(crop_figures, images, blocks)
        return PageResult(
            page=number,
            text=text,
            finish=whole.finish,
            doubt=whole.doubt,
            attempts=tuple(log.attempts),
            prompt_tokens=whole.prompt_tokens,
            completion_tokens=whole.completion_tokens,
            seconds=log.seconds,
            warnings=(*page.warnings, *(f"Page {number}: {warning}" for warning in warnings)),
            confidence=None if check and check.used else whole.confidence,
            own_text=check,
            blocks=blocks,
            figures=figures,
            size_pt=_size_pt(page, images[0]),
        )

    async def _read_pieces(
        self, pieces: tuple[EncodedPage, ...], log: AttemptLog, listener: PageListener
    ) -> list[tuple[EncodedPage, _Kept]]:
        if len(pieces) == 1:
            return [await self._read_image(pieces[0], log, listener)]
        # The text of pieces is passed on when the page is whole.
        read = [await self._read_image(piece, log, PageListener()) for piece in pieces]
        listener.on_text(log.page, _joined([kept for _, kept in read]).text)
        return read

    async def _read_image(
        self, image: EncodedPage, log: AttemptLog, listener: PageListener
    ) -> tuple[EncodedPage, _Kept]:
        """Read an image; it comes back as it was read at last, turned if it did not stand upright.

        Pieces of tall and wide pages are not turned.
        """
        retry = self._retry(image, log, listener)
        whole = await retry.read(once=True)
        may_be_turned = whole.doubt or _shows_no_words(whole)
        may_be_turned = may_be_turned and image.area == WHOLE and not image.turned
        if may_be_turned and (upright := await self._read_upright(image, whole, log, listener)):
            image, whole = upright
        else:
            whole = await retry.read(after=whole)
        return image, await self._read_doubted(image, whole, log, listener)

    async def _read_upright(
        self, image: EncodedPage, whole: Transcript, log: AttemptLog, listener: PageListener
    ) -> tuple[EncodedPage, Transcript] | None:
        """Turn a page that does not stand upright; None if it does, or is read no better so."""
        upright = None if log.is_exhausted else await asyncio.to_thread(turn_upright, image)
        if upright is None:
            return None
        listener.on_retry(log.page, "the page is not upright")
        try:
            turned = await self._retry(upright, log, listener).read()
        except PageFailed:
            turned = None
        if turned and _is_better(turned, whole):
            return upright, turned
        listener.on_retry(log.page, "turning the page did not help")
        listener.on_text(log.page, whole.text)
        return None

    async def _read_doubted(
        self, image: EncodedPage, whole: Transcript, log: AttemptLog, listener: PageListener
    ) -> _Kept:
        """Read an image in sections if its transcript is doubted."""
        doubt = whole.doubt
        if doubt is None:
            return _Kept(whole)
        cut = [] if log.is_exhausted else await asyncio.to_thread(halves, image)
        if not cut:
            return _kept_whole(whole, doubt, log)
        listener.on_retry(log.page, REASONS[doubt])
        parts = await self._read_sections(cut, log)
        kept = _choose(whole, doubt, parts, log)
        listener.on_text(log.page, kept.transcript.text)
        return kept

    async def _read_sections(
        self, sections: list[EncodedPage], log: AttemptLog, cuts: int = 1
    ) -> list[Transcript]:
        """Read each section once, and cut those that do not end; none if one cannot be read."""
        parts: list[Transcript] = []
        for section in sections:
            if log.is_exhausted:
                return []
            try:
                part = await self._retry(section, log, PageListener()).read(once=True)
            except PageFailed:
                return []
            if part.doubt in ("length", "loop") and cuts < self._policy.cuts:
                smaller = await asyncio.to_thread(halves, section)
                if found := await self._read_sections(smaller, log, cuts + 1):
                    part = join_transcripts(found)
            parts.append(part)
        return parts

    def _retry(self, image: EncodedPage, log: AttemptLog, listener: PageListener) -> PageRetry:
        return PageRetry(
            self._endpoint, self._client, self._limiter, self._policy, image, log, listener
        )


async def _turn_by_own_text(page: PreparedPage) -> tuple[EncodedPage, ...]:
    """Return the pieces of a page; a whole one is turned as the file's own text says."""
    if not page.own_text.turn or len(page.pieces) > 1:
        return page.pieces
    return (await asyncio.to_thread(turn_page, page.pieces[0], page.own_text.turn),)


def _joined(kept: list[_Kept]) -> Transcript:
    """Return the transcript of a page from those of its pieces."""
    return join_transcripts([one.transcript for one in kept]) if kept[1:] else kept[0].transcript


def _size_pt(page: PreparedPage, image: EncodedPage) -> tuple[float, float] | None:
    """Return the size of the page as it was read."""
    if page.size_pt is None or image.turned in (0, 180):
        return page.size_pt
    width, height = page.size_pt
    return height, width


def _warnings(image: EncodedPage, kept: list[_Kept]) -> Iterator[str]:
    if turned := image.turned:
        how = "was upside down" if turned == 180 else "lay on its side"
        yield f"it {how} and was turned by {turned} degrees clockwise."
    yield from (one.warning for one in kept if one.warning)


def _shows_no_words(transcript: Transcript) -> bool:
    """Whether it calls the whole page a picture, as models do with sideways print."""
    return bool(transcript.text.strip()) and not IMAGE_LINK.sub("", transcript.text).strip()


def _is_better(turned: Transcript, whole: Transcript) -> bool:
    """Whether the reading of a turned page may take the place of the first one."""
    if turned.doubt is None:
        return not _shows_no_words(turned)
    return whole.doubt is not None and (turned.confidence or 0) >= (whole.confidence or 0) + _SURER


def _kept_whole(whole: Transcript, doubt: Doubt, log: AttemptLog) -> _Kept:
    end = ""
    if log.attempts[-1].outcome == "timeout":
        end = "" if doubt == "timeout" else f"; then {REASONS['timeout']}"
        end += " (--page-timeout sets another)"
    elif len(log.attempts) > 1:
        end = ", in every attempt"
    return _Kept(whole.cleaned, f"{REASONS[doubt]}{end}.")


def _choose(whole: Transcript, doubt: Doubt, parts: list[Transcript], log: AttemptLog) -> _Kept:
    """Keep the sections' text, unless it is no better than the whole's."""
    if not parts:
        return _kept_whole(whole, doubt, log)
    joined = join_transcripts(parts)
    match doubt:
        case "unsure" if (joined.confidence or 0) <= (whole.confidence or 0):
            return _kept_whole(whole, doubt, log)
        case "twice" if has_repeated_passage(joined.text):
            return _Kept(replace(whole, doubt=None))  # the page itself says it twice
        case "twice" if joined.doubt:
            return _kept_whole(whole, doubt, log)
        case _:
            left = next((part.doubt for part in parts if part.doubt), None)
            note = "; one section is still doubtful" if left else ""
            kept = replace(joined, doubt=joined.doubt or left)
            return _Kept(kept, f"{REASONS[doubt]}, so it was read in sections{note}.")
