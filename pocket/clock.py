"""The time spent in training, the same in all processes."""

import time

import torch
import torch.distributed as dist


class Clock:
    """Seconds of training; processes agree on them every few steps, on the CPU.

    The learning rate follows the clock, so weights would drift apart if each process had its own.
    """

    EVERY = 10

    def __init__(self, world: int, spent: float = 0.0) -> None:
        self.group = dist.new_group(backend="gloo") if world > 1 else None
        self.spent, self.ticks = spent, 0
        self.began = time.monotonic() - spent

    def start(self) -> None:
        """Go on from `spent`: what was done since it was set does not count."""
        self.began = time.monotonic() - self.spent

    def tick(self) -> None:
        """Call this once a step in every process."""
        self.ticks += 1
        if self.group is None or self.ticks % self.EVERY == 0:
            self.spent = self._most(time.monotonic() - self.began)

    def any(self, mine: bool) -> bool:
        """Whether any process says so; all of them must ask."""
        return bool(self._most(float(mine)))

    def _most(self, mine: float) -> float:
        if self.group is None:
            return mine
        vote = torch.tensor(mine, dtype=torch.float64)
        dist.all_reduce(vote, dist.ReduceOp.MAX, group=self.group)
        return vote.item()
