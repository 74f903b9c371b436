"""Mix a run's weights with those that it started from, in the shares that read drawn pages best.

    python -m pocket.mix build/run/average.safetensors build/pocket/start build/pocket \
        build/run/mixed.safetensors

Draws the same new pages of three sizes for every mixture, prints a mixture's mean loss of a token
on them, and writes the one with the least. Two models of which one comes from the other can be
mixed (Wortsman et al., Model soups, 2022).
"""

import json
import random
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from pocket.model import PocketModel, Shape
from pocket.pages import BUCKETS, drawer
from pocket.prompts import prompts
from pocket.reservoir import Bucket, Draw
from pocket.teaching import lesson
from pocket.wear import coloured, worn

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4)
Weights = dict[str, Tensor]
# Ink (pages, height, width) uint8, and the tokens given and wanted.
Lesson = tuple[Tensor, Tensor, Tensor]


def mixed(new: Weights, old: Weights, share: float) -> Weights:
    """The new weights with this share of the old ones."""
    return {n: torch.lerp(w.float(), old[n].float(), share).bfloat16() for n, w in new.items()}


def lessons(data: Path, tokenizer: Tokenizer, pages: int, seed: int = 4421) -> list[Lesson]:
    """New pages of an A4 sheet, of a full one and of crops, four at a time."""
    draw, rng, wrong = drawer(data, tokenizer), random.Random(seed), np.random.default_rng(seed)
    made = []
    for bucket in (BUCKETS[0], BUCKETS[1], BUCKETS[-1]):
        drawn = [_page(rng, bucket, draw) for _ in range(pages)]
        for at in range(0, pages, 4):
            inks, rows = zip(*drawn[at : at + 4], strict=True)
            tokens = np.zeros((len(rows), bucket.tokens), np.uint16)
            for number, ids in enumerate(rows):
                tokens[number, : len(ids)] = ids
            lengths = np.array([len(ids) for ids in rows], np.int32)
            given, wanted = lesson(wrong, tokens, lengths, tokenizer.get_vocab_size(), 0)
            ink = torch.from_numpy(np.stack(inks))
            made.append((ink, torch.from_numpy(given), torch.from_numpy(wanted)))
    return made


def _page(rng: random.Random, bucket: Bucket, draw: Draw) -> tuple[NDArray[np.uint8], list[int]]:
    while True:
        ink, ids = draw(rng, bucket)
        if len(ids) <= bucket.tokens:
            return ink, ids


def main(new: Path, start: Path, data: Path, target: Path, pages: int = 64) -> None:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = Tokenizer.from_file(str(data / "tokenizer.json"))
    shown = lessons(data, tokenizer, pages)
    model = PocketModel(Shape.of(json.loads((start / "config.json").read_text()))).to(device)
    before, after = prompts(tokenizer)[0]
    prompt = (torch.tensor([before], device=device), torch.tensor([after], device=device))
    run, origin = load_file(new), load_file(start / "model.safetensors")
    losses = {}
    for share in SHARES:
        model.load_state_dict(mixed(run, origin, share))
        losses[share] = _loss(model, prompt, shown, device)
        print(f"{share:.1f} of the weights before: {losses[share]:.4f}", flush=True)
    best = min(losses, key=losses.__getitem__)
    save_file(mixed(run, origin, best), target, {"format": "pt"})


@torch.inference_mode()
def _loss(
    model: PocketModel, prompt: tuple[Tensor, Tensor], shown: list[Lesson], device: str
) -> float:
    total = 0.0
    for ink, given, wanted in shown:
        torch.manual_seed(1)  # the same wear for every mixture
        pixels = coloured(worn(ink.to(device))).bfloat16()
        with torch.autocast(device, torch.bfloat16):
            loss, _ = model(pixels, prompt, given.to(device), wanted.to(device))
        total += loss.item()
    return total / len(shown)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
