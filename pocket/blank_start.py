"""The folder that training from nothing starts in: a configuration, a tokenizer and no weights.

    python -m pocket.blank_start build/pocket build/pocket/start

The configuration is the shipped model's, as `restore_checkpoint` copies it. The tokenizer is that
of the first folder, which training encodes text with. `export` puts both beside the weights.
"""

import json
import shutil
import sys
from pathlib import Path

from tokenizers import Tokenizer

from pocket.export import CONFIGURATION
from pocket.restore_checkpoint import MODEL


def prepare(data: Path, target: Path) -> None:
    """Write `target`; ValueError if it holds weights, or the tokenizer is not the model's size."""
    if (target / "model.safetensors").exists():
        raise ValueError(f"{target} holds weights, so it is no blank start: choose another folder.")
    wanted = json.loads((MODEL / "config.json").read_text())["text_config"]["vocab_size"]
    size = Tokenizer.from_file(str(data / "tokenizer.json")).get_vocab_size()
    if size != wanted:
        raise ValueError(f"{data / 'tokenizer.json'} has {size} tokens, the model {wanted}.")
    target.mkdir(parents=True, exist_ok=True)
    for pattern in CONFIGURATION:
        for path in MODEL.glob(pattern):
            shutil.copy(path, target)
    shutil.copy(data / "tokenizer.json", target)


if __name__ == "__main__":
    prepare(*map(Path, sys.argv[1:3]))
