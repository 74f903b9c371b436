"""The pages that training reads: their sizes, and who draws them."""

import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from pocket.corpus import Source
from pocket.drawing.manuscript import Typesetter
from pocket.drawing.page import Painter
from pocket.drawing.press import Press
from pocket.drawing.reprint import Reprinter
from pocket.fonts import Families
from pocket.lessons import CROP, LINE, line
from pocket.prompts import IM_END
from pocket.reservoir import Bucket, Draw

# The share of whole pages that are real ones, full and others, and of the rest that Typst sets;
# what is left is our own, wilder drawing. Letters and invoices are drawn, and seldom full.
REPRINTED_FULL, REPRINTED, TYPESET = 0.55, 0.3, 0.85
# Of the crops that hold more than a line.
TYPESET_CROPS = 0.7
# Pages at the longest edge of 1288 pixels that every engine uses (A4, Letter, landscape, square),
# by length of text so that little is padded, and crops with lines in all sizes.
BUCKETS = (
    Bucket(1288, 924, 896, 64, 3.0),
    Bucket(1288, 924, 1664, 48, 4.0, dense=True, shortest=896),
    Bucket(1288, 924, 2432, 32, 2.0, dense=True, shortest=1664),
    Bucket(1288, 1008, 896, 64, 1.5),
    Bucket(1288, 1008, 1792, 40, 2.5, dense=True, shortest=896),
    Bucket(1288, 1008, 2432, 32, 1.0, dense=True, shortest=1792),
    Bucket(924, 1288, 1664, 48, 1.0),
    CROP,
)


def drawer(data: Path, tokenizer: Tokenizer) -> Draw:
    """What a drawing process calls: a page for a bucket, and its transcript's token ids."""
    source, fonts = Source.open(data), Families(data / "fonts")
    painter = Painter(source, fonts)
    typesetter = Typesetter(source, Press(data / "fonts"))
    reprinter = Reprinter(data, tokenizer)

    def made(rng: random.Random, bucket: Bucket) -> tuple[NDArray[np.uint8], str]:
        size = (bucket.width, bucket.height)
        if bucket.height <= LINE:
            return line(rng, fonts, *size)
        if bucket.height < 600:
            drawn = typesetter.crop if rng.random() < TYPESET_CROPS else painter.lines
            return drawn(rng, *size)
        tokens = bucket.shortest, bucket.tokens
        share = REPRINTED_FULL if bucket.dense else REPRINTED
        is_real = rng.random() < share * reprinter.plenty(size, tokens)
        real = reprinter.page(rng, size, tokens) if is_real else None
        maker = typesetter if rng.random() < TYPESET else painter
        return real or maker.page(rng, *size, bucket.dense)

    def draw(rng: random.Random, bucket: Bucket) -> tuple[NDArray[np.uint8], list[int]]:
        ink, text = made(rng, bucket)
        return ink, [*tokenizer.encode(text).ids, IM_END]

    return draw
