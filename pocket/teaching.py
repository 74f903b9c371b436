"""What the decoder is given as its past while it learns, and what it should say next.

The true past alone would teach it to trust itself. So half the pages are given some wrong words,
and some a stutter: a stretch said two or more times, after which it must find its place again.
"""

import numpy as np
from numpy.typing import NDArray

IGNORED = -100
FIRST_TEXT_TOKEN = 7
Tokens = NDArray[np.int64]


def lesson(
    rng: np.random.Generator,
    tokens: NDArray[np.uint16],
    lengths: NDArray[np.int32],
    vocabulary: int,
    stutters: float = 0.15,
) -> tuple[Tokens, Tokens]:
    """Token ids `given` (batch, length - 1) and `wanted` (batch, length), IGNORED where any do.

    `tokens` (batch, most) hold the transcripts, of which `lengths` (batch,) count.
    """
    rows = [row[:length].astype(np.int64) for row, length in zip(tokens, lengths, strict=True)]
    spoken = [
        stuttered(rng, row, tokens.shape[1]) if rng.random() < stutters else (row, row)
        for row in rows
    ]
    longest = max(len(said) for said, _ in spoken)
    given = np.zeros((len(rows), longest), np.int64)
    wanted = np.full((len(rows), longest), IGNORED, np.int64)
    for number, (said, target) in enumerate(spoken):
        given[number, : len(said)] = said
        wanted[number, : len(said)] = target
    share = np.clip(rng.random((len(rows), 1)) - 0.5, 0, None) * 0.16
    wrong = (rng.random(given.shape) < share) & (wanted != IGNORED)
    given[wrong] = rng.integers(FIRST_TEXT_TOKEN, vocabulary, int(wrong.sum()))
    return given[:, :-1], wanted


def stuttered(rng: np.random.Generator, row: Tokens, most: int) -> tuple[Tokens, Tokens]:
    """A transcript with a stretch of it repeated, and targets that ignore the repetition.

    Right after the repetition the target is what follows the stretch on the page.
    """
    room = min(most - len(row), len(row) - 2)
    if room < 4:
        return row, row
    length = int(rng.integers(3, min(room, 80) + 1))
    copies = int(rng.integers(1, min(4, room // length) + 1))
    end = int(rng.integers(length, len(row)))
    again = np.tile(row[end - length : end], copies)
    said = np.concatenate((row[:end], again, row[end:]))
    ignored = np.full(len(again), IGNORED)
    return said, np.concatenate((row[:end], ignored, row[end:]))
