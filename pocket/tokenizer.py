"""Train the tokenizer: byte-level BPE that splits text as Qwen2's does, so every engine knows how.

    python -m pocket.tokenizer build/pocket

Reads the corpus and the fonts in that folder and writes `tokenizer.json` there. All but the merges
is as in `models/pocket`. A model has to start from nothing with it: the weights of another
tokenizer's model give its numbers other meanings.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from tokenizers.trainers import BpeTrainer

from pocket.corpus import Source
from pocket.drawing.manuscript import Typesetter
from pocket.drawing.press import Press

VOCABULARY = 8192
SPECIAL = [
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    *("<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>"),
]
# llama.cpp's `qwen2`. Every digit is a token of its own.
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def texts(source: Source, typesetter: Typesetter, count: int) -> Iterator[str]:
    """What the model will write: passages, code, and one in a hundred a page with its marks."""
    rng = random.Random(1)
    for number in range(count):
        if number % 100 == 0:
            yield typesetter.page(rng, 924, 1288, dense=True)[1]
        elif number % 10 == 0:
            yield rng.choice(source.snippets)
        else:
            yield " ".join(source.words(rng, 600))


def train(lines: Iterator[str], vocabulary: int = VOCABULARY) -> Tokenizer:
    """A tokenizer of so many tokens; ValueError if the text has not enough to merge."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing("$A:0", "$A:0 $B:1", [])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    if (size := tokenizer.get_vocab_size()) < vocabulary:
        raise ValueError(f"The text gives {size} tokens, not {vocabulary}: collect more of it.")
    return tokenizer


def main(folder: Path) -> None:
    """Train on the corpus in `folder` and write the tokenizer there."""
    typesetter = Typesetter(source := Source.open(folder), Press(folder / "fonts"))
    train(texts(source, typesetter, 60_000)).save(str(folder / "tokenizer.json"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
