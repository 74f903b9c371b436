"""Blocks of a real page as Markdown."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pocket.drawing.programs import fenced
from pocket.manuals.lines import BROKEN, Line
from pocket.manuals.listings import code_lines

BULLETS = "•–∗·◦▪■▶►❖➢➤-*"
BULLET = re.compile(rf"[{re.escape(BULLETS)}] +(?=\S)")
CAPTION = re.compile(r"(?i)(fig(ure|ura)?|table|tabelle|abb(ildung)?|listing)\b\.? ?[\dA-Z]")
LEADER = re.compile(r"[ .]*(?:\. ?){4,}[ .]*|[ .]*…(?: ?…)+[ .]*")


@dataclass
class Block:
    """Lines that belong together: `kind` is text, heading, item, row, code or, without lines,
    picture."""

    kind: str
    lines: list[Line]
    breaks: list[str] = field(default_factory=list)


def written(blocks: list[Block], body: float) -> Iterator[str]:
    """The passages of a page, its text set in type of the size `body`."""
    items: list[str] = []
    lefts: list[float] = []
    pictures = itertools.count(1)
    for block in blocks:
        if block.kind != "item" and items:
            yield "\n".join(items)
            items, lefts = [], []
        match block.kind:
            case "picture":
                yield f"![image](image_{next(pictures)}.png)"
            case "code":
                yield fenced(code_lines(block.lines))
            case "heading" if sum(len(line.inked) for line in block.lines) < 130:
                scale = block.lines[0].size / body
                level = 1 if scale > 1.35 else 2 if scale > 1.08 else 3
                yield "#" * level + " " + _text(block)
            case "item":
                text = BULLET.sub("- ", _text(block), count=1)
                left = block.lines[0].left
                lefts = [known for known in lefts if known < left - 0.5 * body]
                items.append("    " * len(lefts) + text)
                lefts.append(left)
            case _:
                yield _text(block)
    if items:
        yield "\n".join(items)


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
