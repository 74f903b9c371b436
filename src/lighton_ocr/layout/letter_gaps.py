"""What the gaps between the letters of a line say: where words end, and how wide letters are."""

import statistics
from collections.abc import Sequence
from itertools import pairwise

from lighton_ocr.layout.spans import Span

_WORD_GAP = 0.2  # heights of a line; of gaps in a line, those that are wider part its words …
_WORD_GAPS = (0.14, 0.6)  # … unless its gaps say that letters or words are set wider
_PITCHES = (0.25, 1.1)  # heights of a line; from letter to letter
_USUAL_PITCH = 0.5
_LEAST_LETTERS = 6
_SAME_PITCH = 0.14
_MONOSPACED = 0.65  # of all letters, with or without spaces between them
_MOST_FILLED = 0.86  # of the pitch; wider ones are several letters that touch


def word_gap(letters: Sequence[Span], height: float) -> float:
    """Return the width that best divides the gaps between letters into narrow and wide ones.

    It is Otsu's threshold: the two kinds differ as much as possible.
    """
    gaps = sorted(b[0] - a[1] for a, b in pairwise(letters))
    best, chosen = 0.0, _WORD_GAP * height
    total, narrow = sum(gaps), 0
    for count in range(1, len(gaps)):
        narrow += gaps[count - 1]
        middle = (gaps[count - 1] + gaps[count]) / 2
        if not _WORD_GAPS[0] * height <= middle <= _WORD_GAPS[1] * height:
            continue
        others = len(gaps) - count
        apart = count * others * ((total - narrow) / others - narrow / count) ** 2
        if apart > best:
            best, chosen = apart, middle
    return chosen


def pitch_of(letters: Sequence[Span], height: float) -> tuple[float, bool]:
    """Return the distance from letter to letter, and whether it is always the same.

    Where it is not, letters often touch, and the line's height says more.
    """
    least, most = _PITCHES[0] * height, _PITCHES[1] * height
    middles = [(a + b) / 2 for a, b in letters]
    steps = [b - a for a, b in pairwise(middles)]
    letter_steps = [step for step in steps if least <= step <= most]
    if len(letter_steps) >= _LEAST_LETTERS:
        pitch = statistics.median(letter_steps)
        whole = sum(abs(step / pitch - round(step / pitch)) < _SAME_PITCH for step in steps)
        width = statistics.median(b - a for a, b in letters)
        if whole > _MONOSPACED * len(steps) and width < _MOST_FILLED * pitch:
            return pitch, True
    return _USUAL_PITCH * height, False
