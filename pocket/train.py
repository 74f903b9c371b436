r"""Train the pocket model: on one GPU, on many (`torchrun`), or for a try on a CPU.

    python -m pocket.train --data build/pocket --start build/pocket/start \
        --out build/run --seconds 1300

Without weights in --start, the first lessons come before pages. Stopped at any time, the same
command goes on from the last checkpoint in --out. Written there:
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
from collections.abc import Sequence
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

from pocket.clock import Clock
from pocket.cores import drawing
from pocket.lessons import LESSONS, Curriculum, Lesson
from pocket.model import PocketModel, Shape
from pocket.optimizer import Optimizer
from pocket.pages import BUCKETS, drawer
from pocket.prompts import prompts
from pocket.reservoir import Batch, Bucket, Reservoir, ahead
from pocket.revive import revive
from pocket.teaching import lesson
from pocket.wear import coloured, worn


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

    @property
    def weights(self) -> Path:
        """What training starts from; nothing, if there is no such file."""
        return self.start / "model.safetensors"

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"


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
    run(settings, BUCKETS, LESSONS)


def run(settings: Settings, buckets: Sequence[Bucket], lessons: Sequence[Lesson]) -> None:
    """Train until the time is up; with `torchrun`, every process calls this.

    The lessons are for a start without weights.
    """
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    tokenizer = Tokenizer.from_file(str(settings.data / "tokenizer.json"))
    seed = settings.seed * 1000 + rank
    draw = drawer(settings.data, tokenizer)
    pages = Lesson(tuple(buckets))
    curriculum = Curriculum([pages] if settings.weights.exists() else [*lessons, pages])
    with drawing(rank, world):
        reservoir = Reservoir(
            curriculum.buckets, draw, settings.workers, seed, first=curriculum.lesson.buckets
        )
    try:
        trainer = Trainer(settings, curriculum, tokenizer, rank, world)
        trainer.train(reservoir)
    finally:
        reservoir.close()
        if dist.is_initialized():
            dist.destroy_process_group()


class Trainer:
    """The model, its optimiser and running average, and how far training is."""

    def __init__(
        self,
        settings: Settings,
        curriculum: Curriculum,
        tokenizer: Tokenizer,
        rank: int,
        world: int,
    ) -> None:
        self.settings, self.curriculum, self.rank, self.world = settings, curriculum, rank, world
        cuda = torch.cuda.is_available()
        if world > 1:
            dist.init_process_group("nccl" if cuda else "gloo")
        self.device = torch.device(
            f"cuda:{int(os.environ.get('LOCAL_RANK', '0'))}" if cuda else "cpu"
        )
        if cuda:
            torch.cuda.set_device(self.device)
            # The GPU computes; more threads spin beside the processes that draw, 15 cores' worth.
            torch.set_num_threads(2)
        torch.manual_seed(settings.seed * 1000 + rank)
        self.rng = np.random.default_rng(settings.seed * 1000 + rank)
        torch.set_float32_matmul_precision("high")
        config = json.loads((settings.start / "config.json").read_text())
        self.model = PocketModel(Shape.of(config)).to(self.device)
        if settings.weights.exists() and not settings.checkpoint.exists():
            self.model.load_state_dict(load_file(settings.weights))
            revive(self.model)
        self.optimizer = Optimizer(self.model, settings.matrix_rate, settings.other_rate)
        self.average = {name: w.detach().clone() for name, w in self.model.state_dict().items()}
        self.step, self.clock = 0, Clock(world)
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
        settings, saved = self.settings, time.monotonic()
        settings.out.mkdir(parents=True, exist_ok=True)
        logged, waited = saved, 0.0
        order = random.Random(settings.seed * 7919 + self.step)  # the same on every process
        sums: dict[str, Any] = defaultdict(lambda: [0, 0.0, 0.0])
        reservoir.open(self.curriculum.lesson.buckets)
        batches = ahead(reservoir, order)
        self.clock.start()
        while self.clock.spent < settings.seconds:
            asked = time.monotonic()
            batch = next(batches)
            waited += time.monotonic() - asked
            loss, right = self._one_step(batch, order)
            entry = sums[batch.bucket.name]
            sums[batch.bucket.name] = [entry[0] + 1, entry[1] + loss, entry[2] + right]
            now = time.monotonic()
            self.clock.tick()
            self._teach(right, reservoir)
            if now - logged > settings.every:
                self._log(sums, now - logged, waited, reservoir)
                sums.clear()
                logged, waited = time.monotonic(), 0.0
            if self.falls and not (settings.out / "undecayed.safetensors").exists():
                self._write("undecayed", self.model.state_dict())
            if now - saved > settings.checkpoint_every:
                self._save()
                saved = time.monotonic()
        self._log(sums, time.monotonic() - logged, waited, reservoir)
        self._save()

    def _teach(self, right: Tensor, reservoir: Reservoir) -> None:
        """On to the next lesson, in every process at once, when this one is over."""
        if not self.curriculum.due(right):
            return
        if self.clock.any(self.curriculum.over(self.clock.spent / self.settings.seconds)):
            self.curriculum.left -= 1
            reservoir.open(self.curriculum.lesson.buckets)

    @property
    def falls(self) -> bool:
        """Whether the constant part is over."""
        return self.clock.spent >= self.settings.constant * self.settings.seconds

    def rate(self) -> float:
        """Warm-up, a long constant part, then linearly down to 2 %."""
        left = 1 - self.clock.spent / self.settings.seconds
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

    def _log(
        self, sums: dict[str, Any], seconds: float, waited: float, reservoir: Reservoir
    ) -> None:
        if self.rank:
            return
        sizes = {bucket.name: bucket.batch * self.world for bucket in self.curriculum.buckets}
        steps = sum(entry[0] for entry in sums.values())
        record = {
            "step": self.step,
            "lessons_left": self.curriculum.left,
            "spent": round(self.clock.spent, 1),
            "rate": round(self.rate(), 3),
            "skipped": int(self.optimizer.skipped.item()),
            "steps_per_second": round(steps / seconds, 2),
            "pages_per_second": round(sum(sizes[n] * e[0] for n, e in sums.items()) / seconds, 1),
            "waited": round(waited / seconds, 3),
            "new_pages_per_second": round(reservoir.given_back / seconds * self.world, 1),
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
            "spent": self.clock.spent,
            "lessons_left": self.curriculum.left,
            "settings": {name: str(value) for name, value in asdict(self.settings).items()},
        }
        torch.save(state, out / "checkpoint.new")
        (out / "checkpoint.new").replace(self.settings.checkpoint)
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
        if not self.settings.checkpoint.exists():
            return
        state = torch.load(self.settings.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average = state["average"]
        self.step, self.clock.spent = state["step"], state["spent"]
        self.curriculum.left = state.get("lessons_left", 0)  # none before there were lessons


if __name__ == "__main__":
    main()
