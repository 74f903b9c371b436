"""The rules around tables and code, which are a part of them."""

from collections.abc import Sequence

from PIL import Image

from lighton_ocr.documents.boxes import BOX_SIZE, ExactBox, around
from lighton_ocr.layout.ink_view import InkPart, InkView
from lighton_ocr.layout.spans import runs_of

_REACH = 12.0  # of a page's 1000; how far from its words a table's rules are
_SOLID = 128  # of 255; the share of a row of pixels that a rule covers


def with_frame(box: ExactBox, parts: Sequence[InkPart]) -> ExactBox:
    """Return the box of words, grown to the level rules above, within and below it."""
    near = (0.0, box[1] - _REACH, float(BOX_SIZE), box[3] + _REACH)
    view = InkView.of(parts, near)
    rules = view.rules
    left, right = (round((side - view.left) * view.scale[0]) for side in (box[0], box[2]))
    across = rules.crop((left, 0, max(right, left + 1), rules.height))
    shares = across.resize((1, rules.height), Image.Resampling.BOX).tobytes()
    boxes = [box]
    for top, bottom in runs_of([share >= _SOLID for share in shares], True):
        columns = rules.crop((0, top, rules.width, bottom)).getprojection()[0]
        boxes += [
            view.on_page(start, top, end, bottom)
            for start, end in runs_of(list(map(bool, columns)), True)
            if start < right and left < end
        ]
    return around(boxes)
