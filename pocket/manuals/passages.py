"""Blocks of a real page as Markdown, each with its label and its place."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce

from pocket.drawing.programs import fenced
from pocket.manuals.graphics import Box
from pocket.manuals.lines import BROKEN, Line
from pocket.manuals.listings import code_lines

BULLETS = "•–∗·◦▪■▶►❖➢➤-*"
BULLET = re.compile(rf"[{re.escape(BULLETS)}] +(?=\S)")
CAPTION = re.compile(r"(?i)(fig(ure|ura)?|table|tabelle|abb(ildung)?|listing)\b\.? ?[\dA-Z]")
LEADER = re.compile(r"[ .]*(?:\. ?){4,}[ .]*|[ .]*…(?: ?…)+[ .]*")
_FOLIO = re.compile(r"(?i)\W*(\d+|[ivx]+)\W*")
_NOTE = re.compile(r"[\d*†‡]")
# Shares of the page's height beyond which heads and feet stand, and the height of capitals as a
# share of the size of their type.
HEAD, FOOT, _CAPITALS = 0.925, 0.075, 0.7


@dataclass
class Block:
    """Lines that belong together: `kind` is text, heading, item, row, code or, without lines,
    picture, which has a box."""

    kind: str
    lines: list[Line]
    breaks: list[str] = field(default_factory=list)
    box: Box | None = None


@dataclass(frozen=True)
class Passage:
    """A block of a page as LightOnOCR-3 labels it, a plus behind the label of one that goes on with
    the passage before it, and its box in points, upwards; None where that is not clear."""

    label: str
    text: str
    box: Box | None


def joined(passages: Sequence[Passage]) -> str:
    """The page's Markdown."""
    out = ""
    for passage in passages:
        gap = {"list+": "\n", "text+": " "}.get(passage.label, "\n\n")
        out += gap * bool(out) + passage.text
    return out


def written(blocks: list[Block], body: float, height: float) -> Iterator[Passage]:
    """The passages of a page of this height, its text set in type of the size `body`."""
    items: list[tuple[str, Block]] = []
    lefts: list[float] = []
    pictures = itertools.count(1)
    for index, block in enumerate(blocks):
        if block.kind != "item" and items:
            yield from _list(items)
            items, lefts = [], []
        match block.kind:
            case "picture":
                yield Passage("image", f"![image](image_{next(pictures)}.png)", block.box)
            case "code":
                yield Passage("code", fenced(code_lines(block.lines)), _box(block.lines))
            case "heading" if sum(len(line.inked) for line in block.lines) < 130:
                scale = block.lines[0].size / body
                level = 1 if scale > 1.35 else 2 if scale > 1.08 else 3
                label = "title" if level == 1 else "section"
                yield Passage(label, "#" * level + " " + _text(block), _box(block.lines))
            case "item":
                text = BULLET.sub("- ", _text(block), count=1)
                left = block.lines[0].left
                lefts = [known for known in lefts if known < left - 0.5 * body]
                items.append(("    " * len(lefts) + text, block))
                lefts.append(left)
            case _:
                yield from _paragraph(block, _label(blocks, index, body, height))
    if items:
        yield from _list(items)


def _list(items: list[tuple[str, Block]]) -> Iterator[Passage]:
    """A list, in each column that it stands in."""
    columns = [[items[0]]]
    for before, item in itertools.pairwise(items):
        if item[1].lines[0].base > before[1].lines[-1].base:
            columns.append([])
        columns[-1].append(item)
    for number, column in enumerate(columns):
        lines = [line for _, block in column for line in block.lines]
        text = "\n".join(text for text, _ in column)
        yield Passage("list+" if number else "list", text, _box(lines))


def _paragraph(block: Block, label: str) -> Iterator[Passage]:
    """Text; what stands in the next column is a passage of its own.

    A word that is broken between them counts to the first.
    """
    text, lines = _text(block), block.lines
    ups = [n for n, (a, b) in enumerate(itertools.pairwise(lines), 1) if b.base > a.base]
    if label == "text" and len(ups) == 1:
        above = Block(block.kind, lines[: ups[0]], block.breaks[: ups[0] - 1])
        end = text.find(" ", len(_text(above).removesuffix("-")))
        if end > 0 and text[end - 1] != "-":
            yield Passage(label, text[:end], _box(above.lines))
            yield Passage(f"{label}+", text[end + 1 :], _box(lines[ups[0] :]))
            return
    yield Passage(label, text, _box(lines))


def _label(blocks: list[Block], index: int, body: float, height: float) -> str:
    """What text is: a running head or foot, a caption, a footnote, or just text."""
    lines = blocks[index].lines
    text, place = lines[0].text.strip(), lines[0].base / height
    if len(lines) == 1 and _is_apart(blocks, index, body):
        if _FOLIO.fullmatch(text):
            return "page_number"
        numbered = any(map(_FOLIO.fullmatch, (text.split()[0], text.split()[-1])))
        if not FOOT < place < HEAD or (numbered and not 0.2 < place < 0.8):
            return "header" if place > 0.5 else "footer"
    if CAPTION.match(text):
        return "caption"
    small = all(line.size < 0.93 * body for line in lines)
    return "footnote" if small and place < 0.4 and _NOTE.match(text) else "text"


def _is_apart(blocks: list[Block], index: int, body: float) -> bool:
    """Whether the first or the last block of a page stands away from the others."""
    if index not in (0, len(blocks) - 1):
        return False
    line, near = blocks[index].lines[0], blocks[1:2] if index == 0 else blocks[index - 1 : index]
    beside = [block.lines[-1 if index else 0] for block in near if block.lines]
    return all(abs(other.base - line.base) > 1.7 * body for other in beside)


def _box(lines: list[Line]) -> Box | None:
    """What lines one below the other cover, from the foot to the head of capitals."""
    if any(b.base > a.base + a.size for a, b in itertools.pairwise(lines)):
        return None
    boxes = [
        Box(line.left, line.base, line.right, line.base + _CAPITALS * line.size) for line in lines
    ]
    return reduce(Box.joined, boxes)


def _text(block: Block) -> str:
    out = ""
    for line, joint in zip(block.lines, ["", *block.breaks], strict=True):
        text = " ".join(LEADER.sub(" ... ", line.text).split())
        if out.endswith(BROKEN) and joint:
            out = out[:-1]
        else:
            out += joint
        out += text
    return out.removesuffix(BROKEN) + "-" * out.endswith(BROKEN)
