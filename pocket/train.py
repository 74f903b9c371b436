r"""Train the pocket model: on one GPU, on many (`torchrun`), or for a try on a CPU.

    python -m pocket.train --data build/pocket --start build/pocket/start \
        --out build/run --seconds 1300

Stopped at any time, the same command goes on from the last checkpoint in --out. Written there:
`checkpoint.pt` (everything), `average.safetensors` (averaged weights, bfloat16, the ones to
export), `last.safetensors` (plain weights), `undecayed.safetensors` (plain weights from before the
rate fell: what another run starts from) and `log.jsonl`.
"""

import argparse
import json
import os
import random
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from pocket.corpus import Source
from pocket.drawing.manuscript import Typesetter
from pocket.drawing.page import Painter
from pocket.drawing.press import Press
from pocket.drawing.reprint import Reprinter
from pocket.fonts import Families
from pocket.model import PocketModel, Shape
from pocket.optimizer import Optimizer
from pocket.prompts import IM_END, prompts
from pocket.reservoir import Batch, Bucket, Draw, Reservoir, ahead
from pocket.teaching import lesson
from pocket.wear import coloured, worn

# The share of whole pages that are real ones, and of the others that Typst sets; what is left is
# our own, wilder drawing.
REPRINTED, TYPESET = 0.5, 0.8
# Pages at the longest edge of 1288 pixels that every engine uses (A4, Letter, landscape, square),
# by length of text so that little is padded, and crops with lines in all sizes.
BUCKETS = [
    Bucket(1288, 924, 896, 64, 3.0),
    Bucket(1288, 924, 1664, 48, 4.0, dense=True, shortest=896),
    Bucket(1288, 924, 2432, 32, 2.0, dense=True, shortest=1664),
    Bucket(1288, 1008, 896, 64, 1.5),
    Bucket(1288, 1008, 1792, 40, 2.5, dense=True, shortest=896),
    Bucket(1288, 1008, 2432, 32, 1.0, dense=True, shortest=1792),
    Bucket(924, 1288, 1664, 48, 1.0),
    Bucket(448, 896, 768, 128, 1.0),
]


@dataclass(frozen=True)
class Settings:
    """The command line; `seconds` is the whole run's training time, decay included."""

    data: Path
    start: Path
    out: Path
    seconds: float
    workers: int = 15
    seed: int = 1
    matrix_rate: float = 0.014
    other_rate: float = 1.5e-3
    warm_steps: int = 100
    constant: float = 0.72
    every: float = 15.0
    checkpoint_every: float = 120.0


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for field, kind in Settings.__annotations__.items():
        default = getattr(Settings, field, None)
        parser.add_argument(
            f"--{field.replace('_', '-')}", type=kind, default=default, required=default is None
        )
    settings = Settings(**vars(parser.parse_args(arguments)))
    run(settings, BUCKETS)


def run(settings: Settings, buckets: list[Bucket]) -> None:
    """Train until the time is up; with `torchrun`, every process calls this."""
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    tokenizer = Tokenizer.from_file(str(settings.data / "tokenizer.json"))
    seed = settings.seed * 1000 + rank
    draw = drawer(settings.data, tokenizer)
    reservoir = Reservoir(buckets, draw, settings.workers, seed)
    try:
        trainer = Trainer(settings, buckets, tokenizer, rank, world)
        trainer.train(reservoir)
    finally:
        reservoir.close()
        if dist.is_initialized():
            dist.destroy_process_group()


def drawer(data: Path, tokenizer: Tokenizer) -> Draw:
    """What a drawing process calls: a page for a bucket, and its transcript's token ids."""
    source = Source.open(data)
    painter = Painter(source, Families(data / "fonts"))
    typesetter = Typesetter(source, Press(data / "fonts"))
    reprinter = Reprinter(data, tokenizer)

    def made(rng: random.Random, bucket: Bucket) -> tuple[NDArray[np.uint8], str]:
        size = (bucket.width, bucket.height)
        if bucket.height < 600:
            return painter.lines(rng, *size)
        real = None
        if rng.random() < REPRINTED:
            real = reprinter.page(rng, size, (bucket.shortest, bucket.tokens))
        maker = typesetter if rng.random() < TYPESET else painter
        return real or maker.page(rng, *size, bucket.dense)

    def draw(rng: random.Random, bucket: Bucket) -> tuple[NDArray[np.uint8], list[int]]:
        ink, text = made(rng, bucket)
        return ink, [*tokenizer.encode(text).ids, IM_END]

    return draw


class Trainer:
    """The model, its optimiser and running average, and how far training is."""

    def __init__(
        self, settings: Settings, buckets: list[Bucket], tokenizer: Tokenizer, rank: int, world: int
    ) -> None:
        self.settings, self.buckets, self.rank, self.world = settings, buckets, rank, world
        cuda = torch.cuda.is_available()
        if world > 1:
            dist.init_process_group("nccl" if cuda else "gloo")
        self.device = torch.device(
            f"cuda:{int(os.environ.get('LOCAL_RANK', '0'))}" if cuda else "cpu"
        )
        if cuda:
            torch.cuda.set_device(self.device)
        torch.manual_seed(settings.seed * 1000 + rank)
        self.rng = np.random.default_rng(settings.seed * 1000 + rank)
        torch.set_float32_matmul_precision("high")
        config = json.loads((settings.start / "config.json").read_text())
        self.model = PocketModel(Shape.of(config)).to(self.device)
        if (weights := settings.start / "model.safetensors").exists():
            self.model.load_state_dict(load_file(weights))
        self.optimizer = Optimizer(self.model, settings.matrix_rate, settings.other_rate)
        self.average = {name: w.detach().clone() for name, w in self.model.state_dict().items()}
        self.step, self.spent = 0, 0.0
        self._resume()
        if cuda:
            self.model.compile_blocks()
        self.parallel: nn.Module = self.model
        if world > 1:
            self.parallel = nn.parallel.DistributedDataParallel(self.model)
        self.prompts = [
            tuple(torch.tensor([ids], device=self.device) for ids in form)
            for form in prompts(tokenizer)
        ]

    def train(self, reservoir: Reservoir) -> None:
        settings, began = self.settings, time.monotonic()
        settings.out.mkdir(parents=True, exist_ok=True)
        before, saved, logged = self.spent, began, began
        order = random.Random(settings.seed * 7919 + self.step)  # the same on every process
        sums: dict[str, Any] = defaultdict(lambda: [0, 0.0, 0.0])
        batches = ahead(reservoir, order, self.buckets)
        while not self._over():
            batch = next(batches)
            loss, right = self._one_step(batch, order)
            entry = sums[batch.bucket.name]
            sums[batch.bucket.name] = [entry[0] + 1, entry[1] + loss, entry[2] + right]
            now = time.monotonic()
            self.spent = before + now - began
            if now - logged > settings.every:
                self._log(sums, now - logged, reservoir)
                sums.clear()
                logged = time.monotonic()
            if self.falls and not (settings.out / "undecayed.safetensors").exists():
                self._write("undecayed", self.model.state_dict())
            if now - saved > settings.checkpoint_every:
                self._save()
                saved = time.monotonic()
        self._log(sums, time.monotonic() - logged, reservoir)
        self._save()

    def _over(self) -> bool:
        """Whether the time is up; processes agree, so that none waits for a gradient in vain."""
        over = self.spent >= self.settings.seconds
        if self.world == 1:
            return over
        vote = torch.tensor(float(over), device=self.device)
        dist.all_reduce(vote, dist.ReduceOp.MAX)
        return bool(vote.item())

    @property
    def falls(self) -> bool:
        """Whether the constant part is over."""
        return self.spent >= self.settings.constant * self.settings.seconds

    def rate(self) -> float:
        """Warm-up, a long constant part, then linearly down to 2 %."""
        left = 1 - self.spent / self.settings.seconds
        fall = max(0.02, left / (1 - self.settings.constant)) if self.falls else 1.0
        return min(1.0, (self.step + 1) / self.settings.warm_steps) * fall

    def _one_step(self, batch: Batch, order: random.Random) -> tuple[Tensor, Tensor]:
        prompt = order.choices(self.prompts, (5, 2, 2, 1))[0]
        vocabulary = self.model.model.language_model.embed_tokens.num_embeddings
        lessons = lesson(self.rng, batch.tokens, batch.lengths, vocabulary)
        given, wanted = map(self._there, lessons)
        ink = self._there(batch.ink)
        with torch.no_grad():
            pixels = coloured(worn(ink)).bfloat16()
        with torch.autocast(self.device.type, torch.bfloat16):
            loss, right = self.parallel(pixels, prompt, given, wanted)
        loss.backward()
        self.optimizer.step(self.rate())
        self.step += 1
        if self.step % 5 == 0:
            weights = self.model.state_dict()
            torch._foreach_lerp_(
                list(self.average.values()), [weights[n] for n in self.average], 0.02
            )
        return loss.detach(), right.detach()

    def _there(self, array: NDArray[Any]) -> Tensor:
        """The array on the device; from pinned memory, or the copy would wait for the GPU."""
        here = torch.from_numpy(array)
        pinned = here.pin_memory() if self.device.type == "cuda" else here
        return pinned.to(self.device, non_blocking=True)

    def _log(self, sums: dict[str, Any], seconds: float, reservoir: Reservoir) -> None:
        if self.rank:
            return
        sizes = {bucket.name: bucket.batch * self.world for bucket in self.buckets}
        steps = sum(entry[0] for entry in sums.values())
        record = {
            "step": self.step,
            "spent": round(self.spent, 1),
            "rate": round(self.rate(), 3),
            "skipped": int(self.optimizer.skipped.item()),
            "steps_per_second": round(steps / seconds, 2),
            "pages_per_second": round(sum(sizes[n] * e[0] for n, e in sums.items()) / seconds, 1),
            "drawn": reservoir.drawn,
            "loss_right": {
                n: [round(float(e[1]) / e[0], 3), round(float(e[2]) / e[0], 4)]
                for n, e in sorted(sums.items())
            },
        }
        print(json.dumps(record), flush=True)
        with (self.settings.out / "log.jsonl").open("a") as log:
            log.write(json.dumps(record) + "\n")

    def _save(self) -> None:
        if self.rank:
            return
        out = self.settings.out
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average,
            "step": self.step,
            "spent": self.spent,
            "settings": {name: str(value) for name, value in asdict(self.settings).items()},
        }
        torch.save(state, out / "checkpoint.new")
        (out / "checkpoint.new").replace(out / "checkpoint.pt")
        self._write("average", self.average)
        self._write("last", self.model.state_dict())

    def _write(self, name: str, weights: dict[str, Tensor]) -> None:
        """Weights in bfloat16, whole or not at all."""
        if self.rank:
            return
        half = {n: w.detach().bfloat16().contiguous().cpu() for n, w in weights.items()}
        path = self.settings.out / f"{name}.safetensors"
        save_file(half, path.with_suffix(".new"), {"format": "pt"})
        path.with_suffix(".new").replace(path)

    def _resume(self) -> None:
        path = self.settings.out / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average = state["average"]
        self.step, self.spent = state["step"], state["spent"]


if __name__ == "__main__":
    main()
