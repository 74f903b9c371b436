"""The text of a page or of one section of it, and what is doubtful about it."""

import math
import re
from dataclasses import dataclass, replace
from functools import reduce
from statistics import fmean

from lighton_ocr._text import close_code_fence
from lighton_ocr.catalog import BoxGrammar
from lighton_ocr.documents.boxes import BOX_SIZE
from lighton_ocr.documents.pages import WHOLE, Area, EncodedPage
from lighton_ocr.reading.attempts import Doubt
from lighton_ocr.reading.blocks import (
    Block,
    first_copies,
    join_blocks,
    parse_blocks,
    renumber_figures,
)
from lighton_ocr.reading.repetition import cut_loop, has_repeated_passage, keep_one_copy
from lighton_ocr.reading.results import Finish
from lighton_ocr.reading.stream import Answer

_SPECKS, _FEWER_SPECKS = 0.003, 0.0001  # shares of an image's pixels; a letter has 0.02
_SURE = 0.85  # confidence under which a page is doubted
# Reasons for the end of an answer that is not whole; whatever else a server says is `stop`.
_CUT_OFF: dict[str, Finish] = {"length": "length", "loop": "loop", "timeout": "timeout"}
_ORDER: tuple[Doubt | None, ...] = (None, "twice", "unsure", "length", "loop", "empty", "timeout")
_UNFINISHED = re.compile(r"(?m)^(?![#|<`]).*[\w,;]\s*\Z")  # running text without a full stop
_GOES_ON = re.compile(r"\s*[^\W\d_A-ZÀ-Þ]")


@dataclass(frozen=True)
class Transcript:
    """What the model wrote; `doubt` is decided when it is made, and None for a good answer.

    `unsure` is as in an `Answer`. `blocks` have their boxes on the page, also those of a section.
    """

    text: str
    finish: Finish
    doubt: Doubt | None
    prompt_tokens: int
    completion_tokens: int
    confidence: float | None
    unsure: frozenset[str] | None = None
    blocks: tuple[Block, ...] = ()

    @classmethod
    def of(
        cls, answer: Answer, image: EncodedPage, boxes: BoxGrammar | None = None
    ) -> "Transcript":
        """Judge the answer to an image; of a loop, one copy stays."""
        finish = _CUT_OFF.get(answer.finish, "stop")
        text, blocks = _taken_apart(answer.text, finish, boxes)
        return cls(
            text=text,
            finish=finish,
            doubt="empty"
            if _is_missing(answer, image)
            else _doubt(text, finish, answer.confidence),
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            confidence=answer.confidence,
            unsure=answer.unsure,
            blocks=tuple(_on_page(block, image.area) for block in blocks),
        )

    def is_better_than(self, other: "Transcript | None") -> bool:
        """Whether less is doubtful about it."""
        return other is None or _ORDER.index(self.doubt) < _ORDER.index(other.doubt)

    @property
    def cleaned(self) -> "Transcript":
        """This transcript; if it is doubted, with one copy of each repeated passage."""
        if not self.doubt:
            return self
        blocks = tuple(replace(block, text=keep_one_copy(block.text)) for block in self.blocks)
        text = join_blocks(blocks) if _is_layout(blocks) else keep_one_copy(self.text)
        return replace(self, text=text, blocks=blocks)


def _taken_apart(
    text: str, finish: Finish, boxes: BoxGrammar | None
) -> tuple[str, tuple[Block, ...]]:
    """Return the Markdown and the blocks of an answer, with one copy of a loop."""
    if boxes == "layout":
        text, blocks = parse_blocks(text, boxes)
        if finish == "loop" and blocks:
            blocks = _cut_loop_of_blocks(blocks)
            text = join_blocks(blocks)
        return text, blocks
    if finish == "loop":
        text = cut_loop(text)
    return parse_blocks(text, boxes) if boxes else (text, ())


def _cut_loop_of_blocks(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks without copies; the answer was cut off in the last one."""
    *earlier, last = blocks
    last = replace(last, text=cut_loop(last.text))
    is_copy = any(block.text.startswith(last.text) for block in earlier if block.kind == last.kind)
    return first_copies(earlier if is_copy else [*earlier, last])


def join_transcripts(parts: list[Transcript]) -> Transcript:
    """Join the transcripts of a page's sections, from top to bottom.

    The doubt is about the whole text: sections may have doubts of their own.
    """
    finishes: list[Finish] = [part.finish for part in parts if part.finish != "stop"]
    text, blocks = reduce(_join, ((part.cleaned.text, part.cleaned.blocks) for part in parts))
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
        blocks=blocks,
    )


def join_texts(upper: str, lower: str) -> str:
    """Join the texts of two sections; a paragraph that was cut in two becomes one again."""
    if not upper.strip() or not lower.strip():
        return upper.strip() or lower.strip()
    upper = close_code_fence(upper)
    return upper.rstrip() + (" " if _is_cut(upper, lower) else "\n\n") + lower.lstrip()


def _is_cut(upper: str, lower: str) -> bool:
    return bool(_UNFINISHED.search(upper) and _GOES_ON.match(lower))


_Part = tuple[str, tuple[Block, ...]]


def _join(upper: _Part, lower: _Part) -> _Part:
    """Join the texts and blocks of two sections."""
    figures = sum(bool(block.figure) for block in upper[1])
    text, blocks = renumber_figures(*lower, figures)
    if not _is_layout(upper[1] + blocks):
        return join_texts(upper[0], text), upper[1] + blocks
    if upper[1] and blocks and _is_cut(upper[0], text):
        blocks = (replace(blocks[0], continued=True), *blocks[1:])
    return join_blocks(upper[1] + blocks), upper[1] + blocks


def _is_layout(blocks: tuple[Block, ...]) -> bool:
    """Whether the blocks hold the page's text, and not its figures alone."""
    return any(block.text for block in blocks)


def _on_page(block: Block, area: Area) -> Block:
    """Return a block of an image with its box on the page."""
    if block.box is None or area == WHOLE:
        return block
    left, top, right, bottom = area
    x0, y0, x1, y1 = block.box
    xs = (left * BOX_SIZE + x * (right - left) for x in (x0, x1))
    ys = (top * BOX_SIZE + y * (bottom - top) for y in (y0, y1))
    (x0, x1), (y0, y1) = (
        [min(max(round(one), 0), BOX_SIZE) for one in several] for several in (xs, ys)
    )
    return replace(block, box=(x0, y0, x1, y1))


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
