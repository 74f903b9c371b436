"""The text of a page or of one section of it, and what is doubtful about it."""

import math
import re
from dataclasses import dataclass
from functools import reduce
from statistics import fmean

from lighton_ocr._text import close_code_fence
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.reading.attempts import Doubt
from lighton_ocr.reading.repetition import cut_loop, has_repeated_passage, keep_one_copy
from lighton_ocr.reading.results import Finish
from lighton_ocr.reading.stream import Answer

_SPECKS, _FEWER_SPECKS = 0.003, 0.0001  # shares of an image's pixels; a letter has 0.02
_SURE = 0.85  # confidence under which a page is doubted
_ORDER: tuple[Doubt | None, ...] = (None, "twice", "unsure", "length", "loop", "empty", "timeout")
_UNFINISHED = re.compile(r"(?m)^(?![#|<`]).*[\w,;]\s*\Z")  # running text without a full stop
_GOES_ON = re.compile(r"\s*[^\W\d_A-ZÀ-Þ]")


@dataclass(frozen=True)
class Transcript:
    """What the model wrote; `doubt` is decided when it is made, and None for a good answer.

    `unsure` is as in an `Answer`.
    """

    text: str
    finish: Finish
    doubt: Doubt | None
    prompt_tokens: int
    completion_tokens: int
    confidence: float | None
    unsure: frozenset[str] | None = None

    @classmethod
    def of(cls, answer: Answer, image: EncodedPage) -> "Transcript":
        """Judge the answer to an image; of a loop, one copy stays."""
        finish: Finish = "stop"
        if answer.finish in ("length", "loop", "timeout"):
            finish = answer.finish  # type: ignore[assignment]
        return cls(
            text=cut_loop(answer.text) if finish == "loop" else answer.text,
            finish=finish,
            doubt="empty"
            if _is_missing(answer, image)
            else _doubt(answer.text, finish, answer.confidence),
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            confidence=answer.confidence,
            unsure=answer.unsure,
        )

    def is_better_than(self, other: "Transcript | None") -> bool:
        """Whether less is doubtful about it."""
        return other is None or _ORDER.index(self.doubt) < _ORDER.index(other.doubt)

    @property
    def cleaned(self) -> str:
        """The text; if it is doubted, with one copy of each repeated passage."""
        return keep_one_copy(self.text) if self.doubt else self.text


def join_transcripts(parts: list[Transcript]) -> Transcript:
    """Join the transcripts of a page's sections, from top to bottom.

    The doubt is about the whole text: sections may have doubts of their own.
    """
    finishes: list[Finish] = [part.finish for part in parts if part.finish != "stop"]
    text = reduce(join_texts, (part.cleaned for part in parts))
    finish: Finish = finishes[0] if finishes else "stop"
    confidence = _mean_confidence(parts)
    return Transcript(
        text=text,
        finish=finish,
        doubt=_doubt(text, finish, confidence),
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        completion_tokens=sum(part.completion_tokens for part in parts),
        confidence=confidence,
        unsure=_all_unsure(parts),
    )


def join_texts(upper: str, lower: str) -> str:
    """Join the texts of two sections; a paragraph that was cut in two becomes one again."""
    if not upper.strip() or not lower.strip():
        return upper.strip() or lower.strip()
    upper = close_code_fence(upper)
    is_cut = _UNFINISHED.search(upper) and _GOES_ON.match(lower)
    return upper.rstrip() + (" " if is_cut else "\n\n") + lower.lstrip()


def _is_missing(answer: Answer, image: EncodedPage) -> bool:
    """Decide whether an empty answer is wrong: models write nothing for a blank page.

    It is wrong if the server counted more tokens than the one that ends an answer, or if the image
    shows more than specks; less ink is enough where the file holds text for the page.
    """
    if answer.text.strip() or answer.finish == "timeout":
        return False
    specks = _FEWER_SPECKS if image.draft.strip() else _SPECKS
    return answer.completion_tokens > 1 or image.ink > specks


def _doubt(text: str, finish: Finish, confidence: float | None) -> Doubt | None:
    """Decide what speaks against an answer.

    An answer without a confidence, as GPU servers give it, is believed if it ended by itself: a
    larger model seldom loses its place, and a page that repeats itself would be paid for twice.
    """
    if finish in ("length", "loop", "timeout"):
        return finish
    if confidence is None:
        return None
    if confidence < _SURE:
        return "unsure"
    return "twice" if has_repeated_passage(text) else None


def _all_unsure(parts: list[Transcript]) -> frozenset[str] | None:
    known = [part.unsure for part in parts if part.unsure is not None]
    return frozenset().union(*known) if known else None


def _mean_confidence(parts: list[Transcript]) -> float | None:
    """Return the confidence of all parts together, each weighted by its tokens."""
    known = [(part.confidence, part.completion_tokens) for part in parts if part.confidence]
    if not known:
        return None
    return math.exp(fmean((math.log(one) for one, _ in known), (tokens for _, tokens in known)))
