"""The blocks of a page with their boxes, parsed from a model's answer while it arrives.

Two grammars are known (`BoxGrammar`). With `layout`, a marker with kind and box precedes each
block: `![title](113,108,463,123) ## Tides`; a plus behind the kind continues the block before it.
With `figures`, a box follows each figure: `![image](image_1.png)120,80,880,410`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from lighton_ocr.catalog import BoxGrammar
from lighton_ocr.documents.boxes import BOX_SIZE, Box
from lighton_ocr.reading.markers import SIDES, Markers

# model: its answer; file: where the PDF has its words; page: where they fit the page's image.
BoxSource = Literal["model", "file", "page"]

IMAGE_LINK = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_MARGINS = frozenset({"header", "footer", "page_number", "header_image", "footer_image"})
_FIGURES = frozenset({"image", "chart", "header_image", "footer_image"})
_RUNNING = frozenset({"text", "title", "section", "caption", "footnote", "aside_text"})
_LINK = re.compile(r"(?<=\]\(image_)\d+(?=\.jpg\))")


@dataclass(frozen=True)
class Block:
    """A block of a page.

    `kind` is the model's label, such as title, text, table or footer. `box` is left, top, right and
    bottom, 0 to 1000 of the page; None if it is not known. `text` is Markdown, empty for most
    figures. `continued` says that it continues the block before it. `figure` is the number of a
    figure on its page, from 1; 0 for other blocks. `box_from` says where the box comes from.
    """

    kind: str
    box: Box | None
    text: str
    continued: bool = False
    figure: int = 0
    box_from: BoxSource = "model"

    @property
    def is_margin(self) -> bool:
        """Whether it is a header, a footer, a page number or an image in one of them."""
        return self.kind in _MARGINS

    @property
    def markdown(self) -> str:
        """What the page's Markdown holds for it: a figure's link, then its text."""
        link = f"![{self.kind}]({figure_name(self.figure)})" if self.figure else ""
        return "\n\n".join(filter(None, (link, self.text)))


def figure_boxes(blocks: Iterable[Block]) -> list[Box]:
    """Return where the figures of a page are."""
    return [block.box for block in blocks if block.kind in _FIGURES and block.box]


def figure_name(number: int) -> str:
    """Return the name that a page's Markdown links for the figure of that number."""
    return f"image_{number}.jpg"


def join_blocks(blocks: Iterable[Block]) -> str:
    """Return the Markdown of blocks in their order; continued ones join the block before them."""
    text, last = "", None
    for block in blocks:
        if block.markdown:
            text += _between(last, block) + block.markdown
            last = block
    return text


def first_copies(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks without those that say once more what an earlier one has said."""
    copies = {(block.kind, block.text or block.box): block for block in reversed(list(blocks))}
    return tuple(reversed(copies.values()))


def renumber_figures(
    text: str, blocks: tuple[Block, ...], more: int
) -> tuple[str, tuple[Block, ...]]:
    """Return Markdown and blocks with a higher number, by `more`, for each figure."""
    renamed = _LINK.sub(lambda number: str(int(number[0]) + more), text)
    return renamed, tuple(
        replace(block, figure=block.figure + more) if block.figure else block for block in blocks
    )


def block_spans(text: str, blocks: tuple[Block, ...]) -> dict[int, tuple[int, int]]:
    """Return where the texts of blocks are in a page's Markdown, by the blocks' indices.

    A figure without text is where its link is.
    """
    spans, place = {}, 0
    for index, block in enumerate(blocks):
        wanted = block.text or block.markdown
        start = text.find(wanted, place) if wanted else -1
        if start >= 0:
            place = start + len(wanted)
            spans[index] = start, place
    return spans


class BlockParser:
    """Takes an answer in pieces and gives its Markdown, also in pieces; `blocks` grows meanwhile.

    How the answer is cut makes no difference, and nothing that a model writes is an error: what is
    no marker is text.
    """

    def __init__(self, grammar: BoxGrammar) -> None:
        self._markers = Markers(grammar)
        self._is_layout = grammar == "layout"
        self._rest = ""  # what may become a marker
        self._space = ""  # behind a block's text, in case that more follows
        self._blocks: list[Block] = []
        self._figures = 0
        self._last: Block | None = None  # the last one with Markdown, in front of the current one

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks so far; the last one may still grow."""
        return tuple(self._blocks)

    def feed(self, piece: str) -> str:
        """Take a piece of the answer and return the Markdown that is certain by now."""
        return self._take(self._rest + piece, is_end=False)

    def finish(self) -> str:
        """Return the rest of the Markdown: the answer has ended.

        The beginning of a block's marker is left out: the answer was cut off there.
        """
        is_cut = self._rest.startswith("![") and not self._markers.is_marker(self._rest)
        return self._take("" if is_cut and self._is_layout else self._rest, is_end=True)

    def _take(self, text: str, is_end: bool) -> str:
        parts, self._rest = self._markers.split(text, is_end)
        add_text = self._add_text if self._is_layout else str
        return "".join(
            add_text(part) if isinstance(part, str) else self._begin(part) for part in parts
        )

    def _begin(self, marker: re.Match[str]) -> str:
        """Begin the block of a marker; return a figure's link."""
        kind = marker["kind"] if self._is_layout else "image"
        left, top, right, bottom = (min(int(marker[side]), BOX_SIZE) for side in SIDES)
        box = min(left, right), min(top, bottom), max(left, right), max(top, bottom)
        is_continued = self._is_layout and bool(marker["more"])
        self._figures += kind in _FIGURES
        number = self._figures if kind in _FIGURES else 0
        if self._blocks and self._blocks[-1].markdown:
            self._last = self._blocks[-1]
        block = Block(kind, box, "", is_continued, number)
        self._blocks.append(block)
        self._space = ""
        if not number:
            return ""
        return (_between(self._last, block) if self._is_layout else "") + block.markdown

    def _add_text(self, text: str) -> str:
        """Add text to the current block."""
        if not self._blocks:
            if not text.strip():
                return ""
            self._blocks.append(Block("text", None, ""))  # in front of the first marker
        block = self._blocks[-1]
        text = self._space + text if block.text else text.lstrip()
        stripped = text.rstrip()
        self._space = text[len(stripped) :]
        grown = self._blocks[-1] = replace(block, text=block.text + stripped)
        if block.text or not stripped:
            return stripped
        return ("\n\n" if block.figure else _between(self._last, grown)) + stripped


def parse_blocks(text: str, grammar: BoxGrammar) -> tuple[str, tuple[Block, ...]]:
    """Return the Markdown and the blocks of a whole answer."""
    parser = BlockParser(grammar)
    markdown = parser.feed(text) + parser.finish()
    return markdown, parser.blocks


def _between(before: Block | None, block: Block) -> str:
    """Return what separates two blocks in Markdown."""
    if before is None:
        return ""
    if not block.continued or block.kind != before.kind or block.figure:
        return "\n\n"
    if block.kind not in _RUNNING:
        return "\n"  # rows, items, lines of code
    return "" if before.text.endswith("-") else " "
