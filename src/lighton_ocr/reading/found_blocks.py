"""The blocks of a page whose model gives no boxes, with the boxes that are found for them.

A block of a PDF's page stands where the file has its words. On scans, and where the file's text is
another, it stands where its words fit the lines of the page's image.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence

from lighton_ocr.documents.boxes import BOX_SIZE, Box, ExactBox, around
from lighton_ocr.documents.own_text import NO_TEXT, OwnText
from lighton_ocr.documents.pages import EncodedPage, decode
from lighton_ocr.layout.block_boxes import Row, block_boxes
from lighton_ocr.layout.markdown_blocks import MarkdownBlock, markdown_blocks
from lighton_ocr.reading.blocks import Block, BoxSource, figure_name
from lighton_ocr.reading.own_text.comparison import Comparison

_NUMBERED = re.compile(r"!\[image\]\(image_(\d+)\.jpg\)")


def number_figures(text: str) -> str:
    """Return a page's Markdown with links to the files that figures become, in their order."""
    parts, place = [], 0
    figures = (block for block in markdown_blocks(text) if block.kind == "image")
    for number, block in enumerate(figures, 1):
        parts += [text[place : block.start], f"![image]({figure_name(number)})"]
        place = block.end
    return "".join([*parts, text[place:]])


def find_blocks(
    text: str, pieces: tuple[EncodedPage, ...], own: OwnText, given: tuple[Block, ...]
) -> tuple[Block, ...]:
    """Return the blocks of a page's Markdown, each with its box if it is found.

    `pieces` are the images that were sent, `own` is the text that the file holds for the page.
    `given` are the figures of which the model gave boxes.
    """
    blocks = markdown_blocks(text)
    # The file's places are those of the page as it lies in the file.
    rows = _own_rows(text, blocks, own if not pieces[0].turned else NO_TEXT)
    images = [(decode(piece), piece.area) for piece in pieces]
    boxes = block_boxes(text, blocks, images, rows)
    by_number = {block.figure: block for block in given}
    source: BoxSource = "page" if rows is None else "file"

    def made(block: MarkdownBlock, box: ExactBox | None) -> Block:
        part = text[block.start : block.end]
        if numbered := _NUMBERED.fullmatch(part):
            number = int(numbered[1])
            figure = Block("image", _whole(box), "", figure=number, box_from=source)
            return by_number.get(number, figure)
        return Block(block.kind, _whole(box), part, box_from=source)

    return tuple(map(made, blocks, boxes))


def _own_rows(
    text: str, blocks: Sequence[MarkdownBlock], own: OwnText
) -> Mapping[int, Sequence[Row]] | None:
    """Return where the file has the words of each block; None if its text is another."""
    if not own.words or (comparison := Comparison(text, own)).trust == "none":
        return None
    rows: dict[int, list[Row]] = defaultdict(list)
    ends = [block.end for block in blocks]
    for pair in comparison.pairs:
        index = bisect_right(ends, comparison.read[pair.first[0]].start)
        for box in (comparison.boxes[word] for word in pair.second) if index < len(ends) else ():
            if not (rows[index] and _is_beside(box, rows[index][-1])):
                rows[index].append([])
            rows[index][-1].append(box)
    return rows or None


def _is_beside(box: Box, row: Row) -> bool:
    """Whether a word continues a row: the middle of the lower one is beside the other."""
    _, top, _, bottom = around(row)
    middle = (max(box[1], top) + min(box[3], bottom)) / 2
    return box[1] <= middle <= box[3] and top <= middle <= bottom


def _whole(box: ExactBox | None) -> Box | None:
    if box is None:
        return None
    left, top, right, bottom = (min(max(round(side), 0), BOX_SIZE) for side in box)
    return left, top, right, bottom
