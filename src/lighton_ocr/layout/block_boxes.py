"""Find where the blocks of a page's text stand on its image.

A block stands where its words do. A figure or a formula, and a block whose words are not found,
stands on what is printed between the blocks before and after it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from lighton_ocr.documents.boxes import BOX_SIZE, ExactBox, around
from lighton_ocr.documents.pages import Area
from lighton_ocr.layout.frames import with_frame
from lighton_ocr.layout.gaps import Gaps
from lighton_ocr.layout.ink import page_ink
from lighton_ocr.layout.ink_view import InkPart
from lighton_ocr.layout.lines import Columns, Node, find_lines
from lighton_ocr.layout.markdown_blocks import MarkdownBlock
from lighton_ocr.layout.placing import CONFIDENT, LEAST_CONFIDENCE, confidence_in, place
from lighton_ocr.layout.skew import level_pages, turned_back
from lighton_ocr.layout.words import PrintedWord, printed_words

_WITHOUT_WORDS = frozenset({"image", "formula"})
_GRIDS = frozenset({"table", "code", "list"})
_FRAMED = frozenset({"table", "code"})
# Heights of a line; no more paper is between two lines of a block.
_FAR, _FAR_IN_GRID = 2.5, 6.0

# The boxes of words that stand side by side.
Row = list[ExactBox]


@dataclass(frozen=True)
class _Fit:
    """The words of each block, line by line, on a page that was turned by `skew` degrees."""

    rows: Mapping[int, Sequence[Row]]
    confidence: float
    parts: Sequence[InkPart]
    skew: float = 0.0


def block_boxes(
    text: str,
    blocks: Sequence[MarkdownBlock],
    images: Sequence[tuple[Image.Image, Area]],
    rows: Mapping[int, Sequence[Row]] | None = None,
) -> list[ExactBox | None]:
    """Return the box of each block of a page's text, None where it is not found.

    `images` show the page, or its parts in reading order. `rows` are the words of blocks, by index,
    where it is known where they stand; without them, words are looked for, and a page in one image
    may be skewed.
    """
    if rows is not None:
        return _boxes(blocks, _ink_of(images), rows)
    if len(images) > 1:
        fit = _fit(text, blocks, _ink_of(images))
    else:
        fit = _best_fit(text, blocks, *images[0])
    if fit.confidence < LEAST_CONFIDENCE:
        return [None] * len(blocks)
    boxes = _boxes(blocks, fit.parts, fit.rows)
    return [box and turned_back(box, fit.skew, fit.parts[0].ink.everything.size) for box in boxes]


def _best_fit(text: str, blocks: Sequence[MarkdownBlock], image: Image.Image, area: Area) -> _Fit:
    """Look for the words on a page that may be skewed."""
    fits = []
    for level in level_pages(image):
        fit = _fit(text, blocks, _ink_of([(level.image, area)]))
        fits.append(replace(fit, skew=level.skew))
        if fit.confidence > CONFIDENT:
            break
    return max(fits, key=lambda fit: fit.confidence)


def _ink_of(images: Sequence[tuple[Image.Image, Area]]) -> list[InkPart]:
    return [InkPart(page_ink(image), area) for image, area in images]


def _boxes(
    blocks: Sequence[MarkdownBlock], parts: Sequence[InkPart], rows: Mapping[int, Sequence[Row]]
) -> list[ExactBox | None]:
    """Return the boxes of blocks whose words stand in these rows, and of those between them."""
    found: list[ExactBox | None] = [None] * len(blocks)
    for index, of_block in rows.items():
        kind = blocks[index].kind
        if kind not in _WITHOUT_WORDS:
            box = _box_of(of_block, kind in _GRIDS)
            found[index] = with_frame(box, parts) if kind in _FRAMED else box
    return Gaps(found, parts).filled()


def _fit(text: str, blocks: Sequence[MarkdownBlock], parts: Sequence[InkPart]) -> _Fit:
    """Look for the words of each block on the lines of a page."""
    words: list[PrintedWord] = []
    owners: list[int] = []
    follows_figure = False
    for index, block in enumerate(blocks):
        if block.kind in _WITHOUT_WORDS:
            follows_figure = True
            continue
        own = printed_words(text[block.start : block.end])
        if own and follows_figure:
            own[0] = replace(own[0], follows_figure=True)
            follows_figure = False
        words += own
        owners += [index] * len(own)
    rows: dict[int, list[Row]] = defaultdict(list)
    nodes = [_on_page(node, part) for part in parts for node in find_lines(part.ink)]
    lines = place(words, nodes) if words else []
    for line in lines:
        of_line: dict[int, Row] = defaultdict(list)
        for word in line.words:
            of_line[owners[word.index]].append(word.box)
        for index, row in of_line.items():
            rows[index].append(row if len(of_line) > 1 else [line.box])
    return _Fit(rows, confidence_in(lines, words), parts)


def _box_of(rows: Sequence[Row], is_grid: bool) -> ExactBox:
    """Return the box around the most rows that follow each other: others are misplaced.

    Those of a grid may have been read column by column.
    """
    boxes = [around(row) for row in rows]
    if is_grid:
        boxes.sort(key=lambda box: box[1])
    far = _FAR_IN_GRID if is_grid else _FAR
    groups: list[list[ExactBox]] = []
    for box in boxes:
        height = box[3] - box[1]
        if not groups or not (
            groups[-1][-1][1] - height <= box[1] <= around(groups[-1])[3] + far * height
        ):
            groups.append([])
        groups[-1].append(box)
    most = max(groups, key=len)
    return around(most)


def _on_page(node: Node, part: InkPart) -> Node:
    """Return lines of a part of the page with their places on the page."""
    if isinstance(node, Columns):
        return Columns(
            tuple(_on_page(one, part) for one in node.by_column),
            tuple(_on_page(one, part) for one in node.by_row),
        )
    left, top, right, bottom = part.box
    across, down = (right - left) / BOX_SIZE, (bottom - top) / BOX_SIZE

    def moved(box: ExactBox) -> ExactBox:
        x0, y0, x1, y1 = box
        return left + across * x0, top + down * y0, left + across * x1, top + down * y1

    words = tuple(map(moved, node.words))
    return replace(node, box=moved(node.box), words=words, pitch=across * node.pitch)
