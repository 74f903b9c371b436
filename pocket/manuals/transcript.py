"""A page's lines as the Markdown that a reader of the page should write, or none if that is unsure.

Paragraphs, headings, lists, code and leaders are told from type and place alone. Pages with
tables, formulas or an order that is not clear are left to the drawn pages, whose truth is known.
"""

import itertools
import re
import statistics
from collections.abc import Sequence

from pocket.corpus import ALLOWED
from pocket.drawing.programs import short_rules
from pocket.manuals.graphics import Box
from pocket.manuals.lines import Line
from pocket.manuals.listings import code_part, counts_on, is_code
from pocket.manuals.passages import BULLET, CAPTION, LEADER, Block, written
from pocket.manuals.places import places

_NUMBER = re.compile(r"(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|\[\d{1,3}\]) ")
_SAME = {
    **{"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "−": "-", "‐": "-", "‑": "-"},
    **{"∗": "*", "\u00a0": " ", "∼": "~", "˜": "~", "ˆ": "^", "‚": ",", "›": ">", "‹": "<"},
    **{"\u200b": "", "⟨": "<", "⟩": ">", "〈": "<", "〉": ">", "µ": "μ"},
}
_TRANSLATION = str.maketrans(_SAME)
# Signs that TeX takes from its fonts for mathematics also in running text.
_TEXT_SIGNS = frozenset("•–∗·◦*{}|<>\\-−/∼~→ε")
_KNOWN = ALLOWED | frozenset("\nε†‡→")
# Shares of the page's height beyond which running heads and feet stand.
_HEAD, _FOOT = 0.925, 0.075


def transcript(lines: list[Line], height: float, pictures: Sequence[Box] = ()) -> str | None:
    """The transcript, or None: signs unknown to the model, formulas, tables, no clear order."""
    if not lines or _is_doubtful(lines):
        return None
    lines = _running_outside(lines, height)
    before = places(pictures, lines)
    if before is None or any(itertools.starmap(_goes_back, itertools.pairwise(lines))):
        return None
    body = _body_size(lines)
    text = "\n\n".join(filter(None, written(_Sheet(lines, body).blocks(before), body)))
    text = short_rules(re.sub(r"\n{3,}", "\n\n", text.translate(_TRANSLATION)))
    return text if set(text) <= _KNOWN else None


def _is_doubtful(lines: list[Line]) -> bool:
    signs = [letter for line in lines for letter in line.inked if letter.maths]
    formulas = sum(letter.text not in _TEXT_SIGNS for letter in signs)
    if formulas or len(signs) > 0.03 * sum(len(line.inked) for line in lines) + 8:
        return True
    tabular = [line for line in lines if line.share("mono") < 0.8 and line.widest_gap() > 2.2]
    tabular = [line for line in tabular if not re.search(r"\d$|^[\d.]+ |[ivx]$", line.text)]
    if len(tabular) > 3:
        return True
    if sum(itertools.starmap(_is_double_spaced, itertools.pairwise(lines))) > 5:
        return True
    jumps = sum(b.base > a.base + 2.5 * a.size for a, b in itertools.pairwise(lines))
    narrow = sum(line.right - line.left < 2 * line.size for line in lines)
    return jumps > 3 or narrow > 0.4 * len(lines) + 3 or _overprinted(lines)


def _is_double_spaced(line: Line, following: Line) -> bool:
    """Whether two lines of one paragraph are so far apart that they look like two."""
    even = abs(line.left - following.left) < 1 and abs(line.right - following.right) < 1
    return even and 1.9 * line.size < line.base - following.base < 3 * line.size


def _overprinted(lines: list[Line]) -> bool:
    """Whether text lies on text, as shadows and pictures do."""
    rows: dict[int, list[Line]] = {}
    for line in lines:
        for a, b in itertools.pairwise(line.inked):
            if b.left < a.left - a.size:
                return True
        rows.setdefault(round(line.base / 2), []).append(line)
    for row in rows.values():
        row.sort(key=lambda line: line.left)
        for a, b in itertools.pairwise(row):
            if b.left < a.right - 0.5 * a.size:
                return True
    return False


def _goes_back(line: Line, following: Line) -> bool:
    """Whether the next line stands above the one before it, and not in a column to the right."""
    up = following.base > line.base + 0.8 * max(line.size, following.size)
    return up and following.left < line.right


def _running_outside(lines: list[Line], height: float) -> list[Line]:
    """Running heads first and feet last, wherever the file has them."""
    head = [line for line in lines if line.base > _HEAD * height]
    foot = [line for line in lines if line.base < _FOOT * height]
    rest = [line for line in lines if line not in head and line not in foot]
    return [*head, *rest, *foot]


def _body_size(lines: list[Line]) -> float:
    text = [line for line in lines if line.share("mono") < 0.5]
    sizes = [letter.size for line in text for letter in line.inked]
    sizes = sizes or [letter.size for line in lines for letter in line.inked]
    return statistics.mode(round(size, 1) for size in sizes)


class _Sheet:
    """The page while its lines are put together."""

    def __init__(self, lines: list[Line], body: float) -> None:
        self.lines, self.body = lines, body
        gaps = [
            a.base - b.base
            for a, b in itertools.pairwise(lines)
            if 0.8 * body < a.base - b.base < 1.9 * body
        ]
        self.leading = statistics.median(gaps) if gaps else 1.2 * body
        weights: dict[int, int] = {}
        for line in lines:
            weights[round(line.left)] = weights.get(round(line.left), 0) + len(line.inked)
        # Where the text begins, the margin's names and numbers left of it not counted.
        heavy = [
            left for left, letters in weights.items() if letters > 0.04 * sum(weights.values())
        ]
        self.left = min(heavy) if heavy else min(line.left for line in lines)

    def edge(self, line: Line) -> float:
        """The right edge of the line's column."""
        near = [
            other.right
            for other in self.lines
            if abs(other.left - line.left) < 5 * self.body and other.share("mono") < 0.8
        ]
        near.sort()
        return near[-1 - len(near) // 20] if near else line.right

    def full(self, line: Line, following: Line) -> bool:
        """Whether the next line's first word would not have fitted on this one."""
        word: list[float] = []
        for letter in following.letters:
            if letter.text.isspace() and word:
                break
            if not letter.text.isspace():
                word.append(letter.right)
        width = (word[-1] if word else 0) - following.left
        return line.broken or line.right + width + 0.2 * line.size > self.edge(line)

    def kind(self, line: Line) -> str:
        if is_code(line) and (line.inked[0].mono or not BULLET.match(line.text)):
            return "text" if line.right < self.left else "code"
        text = line.text
        if LEADER.search(text):
            return "row"
        plain = text.strip()
        if CAPTION.match(plain) or plain.isdigit():
            return "text"
        big = line.size > 1.12 * self.body
        bold = line.share("bold") > 0.9 and line.size >= 0.95 * self.body
        if (big or bold) and len(plain) > 1 and len(plain) < 100 and plain[-1] not in ".,;":
            return "heading"
        if BULLET.match(text) or _NUMBER.match(text):
            return "item"
        return "text"

    def blocks(self, pictures: list[int]) -> list[Block]:
        """The blocks, with a picture before each line that is named."""
        out: list[Block] = []
        for index, line in enumerate(self.lines):
            out += [Block("picture", [])] * pictures.count(index)
            kind = self.kind(line)
            last = out[-1] if out and out[-1].lines else None
            joint = self.joint(last, line, kind) if last else None
            if last is None or joint is None:
                out.append(Block(kind, [line]))
            else:
                last.lines.append(line)
                last.breaks.append(joint)
        return out + [Block("picture", [])] * pictures.count(len(self.lines))

    def joint(self, block: Block, line: Line, kind: str) -> str | None:  # noqa: PLR0911
        """What stands between the block and the line if it goes on with it; None if it does not."""
        last = block.lines[-1]
        down = last.base - line.base
        if kind == "code" and block.kind != "code":
            inside = block.kind in {"text", "item"} and self.full(last, line)
            close = abs(line.left - last.left) < 0.3 * self.body and down < 1.3 * self.leading
            return " " if inside and close else None
        if block.kind == "code":
            sizes = abs(code_part(last).size - code_part(line).size)
            number = last.text.isdigit() or line.text.isdigit()
            alike = kind == "code" and (sizes < 0.4 or number)
            near = 0 < down < 3 * self.leading
            return "\n" if near and (alike or counts_on(last, line)) else None
        if abs(last.size - line.size) > 0.12 * self.body + 0.3:
            return None
        if block.kind == "heading":
            close = 0 < down < 1.6 * line.size and abs(last.left - line.left) < 3 * line.size
            return " " if kind == "heading" and close and self.full(last, line) else None
        if kind in {"heading", "item"}:
            return None
        if "row" in (block.kind, kind):
            most = 2.2 if block.kind == kind else 1.3
            return "\n" if block.kind != "item" and 0 < down < most * self.leading else None
        return self.text_joint(block, last, line, down)

    def text_joint(self, block: Block, last: Line, line: Line, down: float) -> str | None:
        if down < 0:  # the next column
            return " " if self.full(last, line) else None
        full, step, first = self.full(last, line), line.left - last.left, len(block.lines) == 1
        wider = not full and line.right > last.right + 2 * line.size
        captioned = wider and CAPTION.match(block.lines[0].text.strip())
        if captioned or down > 1.4 * self.leading or down < 0.3 * self.body:
            return None
        if step > 0.7 * self.body:
            if not first:
                return None
            return " " if full else "\n"
        if step < -0.7 * self.body:
            return " " if first and full and block.kind == "text" else None
        return " " if full else "\n"
