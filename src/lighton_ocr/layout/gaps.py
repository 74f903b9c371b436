"""Find what is printed between the blocks of a page: figures, formulas, words that do not match."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from lighton_ocr.documents.boxes import BOX_SIZE, ExactBox, area_of
from lighton_ocr.layout.ink_view import InkPart, InkView

_NEAR = 4.0  # of a page's 1000; two boxes may overlap by as much
_REACH = 6.0  # of a page's 1000; letters reach no farther out of their box
_RULE = 2.0  # of a page's 1000; a rule is no thicker
_LEAST = 5.0  # of a page's 1000; a smaller gap holds no block


class Gaps:
    """The gaps between the blocks of a page; `boxes` are those of the blocks in reading order."""

    def __init__(self, boxes: Sequence[ExactBox | None], parts: Sequence[InkPart]) -> None:
        self._boxes = boxes
        self._known = [box for box in boxes if box]
        self._parts = parts

    def filled(self) -> list[ExactBox | None]:
        """Return the boxes, with what is printed in its gap for each None, if anything is."""
        filled: list[ExactBox | None] = []
        for is_known, run in groupby(self._boxes, lambda box: box is not None):
            boxes = list(run)
            filled += boxes if is_known else self._in_gap(len(filled), len(boxes))
        return filled

    def _in_gap(self, start: int, count: int) -> list[ExactBox | None]:
        """Return the boxes of that many blocks in a row, from an index on."""
        before = self._boxes[start - 1] if start else None
        after = self._boxes[start + count] if start + count < len(self._boxes) else None
        tight = (self._tight(self._widened(gap)) for gap in self._between(before, after))
        inked = [box for box in tight if box]
        if not inked:
            return [None] * count
        return self._divided(max(inked, key=area_of), count)

    def _between(self, before: ExactBox | None, after: ExactBox | None) -> Iterator[ExactBox]:
        """Yield where something may stand that is read after one block and before another."""
        if before and after and _share_columns(before, after) and before[3] <= after[1] + _NEAR:
            yield min(before[0], after[0]), before[3], max(before[2], after[2]), after[1]
            return
        if before or not after:
            left, _, right, top = before or (0.0, 0.0, float(BOX_SIZE), 0.0)
            under = (left, top, right, float(BOX_SIZE))
            lower = [box[1] for box in self._known if box[1] > top and _share_columns(box, under)]
            yield left, top, right, min(lower, default=float(BOX_SIZE))
        if after:
            left, bottom, right, _ = after
            higher = [
                box[3] for box in self._known if box[3] < bottom and _share_columns(box, after)
            ]
            yield left, max(higher, default=0.0), right, bottom

    def _widened(self, gap: ExactBox) -> ExactBox:
        """Return a gap up to the blocks on its left and on its right."""
        left, top, right, bottom = gap
        beside = [box for box in self._known if box[1] < bottom - _NEAR and top + _NEAR < box[3]]
        return (
            max((box[2] for box in beside if box[2] <= left + _NEAR), default=0.0),
            top,
            min((box[0] for box in beside if box[0] >= right - _NEAR), default=float(BOX_SIZE)),
            bottom,
        )

    def _tight(self, gap: ExactBox) -> ExactBox | None:
        """Return the box of what is printed in a gap, None if nothing is.

        Letters of the blocks above and below may reach into it, and rules may part it from them.
        """
        if min(gap[2] - gap[0], gap[3] - gap[1]) < _LEAST:
            return None
        view = InkView.of(self._parts, gap)
        width, height = view.ink.size
        rows = _without_strays(view.rows_with_ink(), view.scale[1])
        upside_down = [(height - end, height - start) for start, end in reversed(rows)]
        rows = _without_strays(upside_down, view.scale[1])
        if not rows:
            return None
        top, bottom = height - rows[-1][1], height - rows[0][0]
        left, _, right, _ = view.ink.crop((0, top, width, bottom)).getbbox() or (0, 0, width, 0)
        return view.on_page(left, top, right, bottom)

    def _divided(self, box: ExactBox, count: int) -> list[ExactBox | None]:
        """Divide a box where there is most paper among blocks, one below the other."""
        if count == 1:
            return [box]
        view = InkView.of(self._parts, box)
        width, height = view.ink.size
        between = [(end, start) for (_, end), (start, _) in pairwise(view.rows_with_ink())]
        cuts = sorted(sorted(between, key=lambda cut: cut[0] - cut[1])[: count - 1])
        if len(cuts) < count - 1:
            return [None] * count
        tops, bottoms = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), height]
        boxes = (
            view.ink.crop((0, top, width, bottom)).getbbox()
            for top, bottom in zip(tops, bottoms, strict=True)
        )
        return [
            view.on_page(part[0], top + part[1], part[2], top + part[3]) if part else None
            for top, part in zip(tops, boxes, strict=True)
        ]


def _without_strays(rows: list[tuple[int, int]], scale: float) -> list[tuple[int, int]]:
    """Return rows with ink without letters' ends and rules at their top."""
    kept = list(rows)
    while kept:
        (start, end), *others = kept
        is_end = not start and end <= _REACH * scale
        is_rule = end - start <= _RULE * scale and others and others[0][0] - end >= _REACH * scale
        if not is_end and not is_rule:
            break
        kept = others
    return kept


def _share_columns(one: ExactBox, other: ExactBox) -> bool:
    return one[0] < other[2] and other[0] < one[2]
