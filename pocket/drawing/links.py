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
    boxes: dict[str, Box] = {}
    for link in sheet.links:
        boxes[link.name] = _joined(boxes.get(link.name, link.box), link.box)
    named = [
        (f"{piece.name}-{number}", block.label or label_of(block.text), block.text)
        for piece in pieces
        for number, block in enumerate(piece.blocks)
        if block.text
    ]
    if not all(name in boxes for name, _, _ in named):
        return None
    blocks = fitted(sheet.ink, [Block(label, text, boxes[name]) for name, label, text in named])
    return None if blocks is None or stray(sheet.ink, blocks) > _STRAY else blocks


def _joined(one: Box, other: Box) -> Box:
    low = min(one[0], other[0]), min(one[1], other[1])
    return *low, max(one[2], other[2]), max(one[3], other[3])
