"""Pieces whose blocks are links, so that the set page tells where each of them stands.

A link shows nothing. Typst gives its address, which is the block's name, for each line or frame.
"""

from collections.abc import Sequence
from dataclasses import replace

from pocket.drawing.grounding import Block, Box, fitted, label_of, stray
from pocket.drawing.press import Sheet
from pocket.drawing.writing import Piece

# Pixels of ink that may be in no box: specks at the ends of slanted letters and rules.
_STRAY = 6
# What no column break may divide.
_WHOLE = frozenset({"code", "list", "table"})


def linked(piece: Piece, name: str, label: str = "", columns: int = 1) -> Piece:
    """The piece with its blocks made links: the first one to `name-0`, and so on.

    It gets the label if it has none. In columns, most blocks stay undivided.
    """
    label = piece.label or label or label_of(piece.text)
    markup, at = "", 0
    for number, part in enumerate(piece.blocks):
        start = piece.markup.index(part.markup, at)
        markup += f'{piece.markup[at:start]}#link("{name}-{number}")[{part.markup}]'
        at = start + len(part.markup)
    markup += piece.markup[at:]
    if columns > 1 and (label in _WHOLE or piece.parts or "\n" in piece.text):
        markup = f"#block(breakable: false, width: 100%)[{markup}]"
    return replace(piece, markup=markup if piece.text else "", label=label, name=name)


def placed(pieces: Sequence[Piece], sheet: Sheet) -> list[Block] | None:
    """The blocks of the pieces on a page; None if their places are not clear."""
    boxes: dict[str, list[Box]] = {}
    for link in sheet.links:
        boxes.setdefault(link.name, []).append(link.box)
    rough: list[Block] = []
    for piece in pieces:
        for number, block in enumerate(piece.blocks if piece.text else ()):
            columns = _columns(boxes.get(f"{piece.name}-{number}", []))
            label = block.label or label_of(block.text)
            texts = [block.text] if len(columns) == 1 else _divided(block.text, columns, sheet)
            if not texts:
                return None
            labels = [label, f"{label}+"][: len(columns)]
            rough += map(Block, labels, texts, columns)
    blocks = fitted(sheet.ink, rough)
    return None if blocks is None or stray(sheet.ink, blocks) > _STRAY else blocks


def _columns(lines: list[Box]) -> list[Box]:
    """What the lines cover, in each column that they stand in.

    The next column is to the right, and higher by more than the height of a line.
    """
    columns: list[Box] = []
    high = max((line[3] - line[1] for line in lines), default=0)
    for line in lines:
        if columns and not (line[0] > columns[-1][2] and line[3] < columns[-1][3] - high):
            columns[-1] = _joined(columns[-1], line)
        else:
            columns.append(line)
    return columns


def _divided(text: str, columns: list[Box], sheet: Sheet) -> list[str]:
    """A paragraph's text in the first column and in the second; nothing where that is not clear.

    A word that is broken between them counts to the first.
    """
    said = "".join(filter(str.isalnum, sheet.words(columns[0]))) if len(columns) == 2 else ""
    at, left = 0, len(said)
    while left and at < len(text):
        left -= text[at].isalnum()
        at += 1
    end = text.find(" ", at)
    same = "".join(filter(str.isalnum, text[:at])) == said
    if not said or not same or end < 0 or text[end - 1] == "-":
        return []
    return [text[:end], text[end + 1 :]]


def _joined(one: Box, other: Box) -> Box:
    low = min(one[0], other[0]), min(one[1], other[1])
    return *low, max(one[2], other[2]), max(one[3], other[3])
