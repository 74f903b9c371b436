"""Drawn pages in shared memory: processes refill it without end, training takes batches from it.

Drawing a page costs a core a tenth of a second, training on it a GPU five thousandths. So a page
is used several times, with fresh wear each time, and the GPU never waits: when drawing lags, pages
are used once more, and when it is ahead they are used once. Every slot belongs to one process. Its
state says whose turn it is to write: FREE slots are the drawer's, READY ones the trainer's; so no
locks are needed.
"""

import mmap
import multiprocessing
import os
import queue
import random
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

import numpy as np
from numpy.typing import NDArray

FREE, READY = 0, 1
Draw = Callable[[random.Random, "Bucket"], tuple[NDArray[np.uint8], list[int]]]


@dataclass(frozen=True)
class Bucket:
    """Pages of one size with at most `tokens` tokens, trained `batch` at a time.

    `share` is how often a step takes this bucket; `dense` pages are drawn full. Texts that are
    too long for the next smaller bucket have more than `shortest` tokens.
    """

    height: int
    width: int
    tokens: int
    batch: int
    share: float
    dense: bool = False
    shortest: int = 0

    @property
    def name(self) -> str:
        return f"{self.height}x{self.width}/{self.tokens}"


@dataclass(frozen=True)
class Batch:
    """Ink (batch, height, width) uint8; token ids (batch, tokens) and how many of them count."""

    bucket: Bucket
    ink: NDArray[np.uint8]
    tokens: NDArray[np.uint16]
    lengths: NDArray[np.int32]


class Pool:
    """The slots of one bucket, in memory that forked processes share."""

    def __init__(self, bucket: Bucket, slots: int) -> None:
        self.bucket = bucket
        self.ink = _shared((slots, bucket.height, bucket.width), np.uint8)
        self.tokens = _shared((slots, bucket.tokens), np.uint16)
        self.lengths = _shared((slots,), np.int32)
        self.state = _shared((slots,), np.uint8)
        self.uses = np.zeros(slots, np.int32)
        self.given_back = 0

    def put(self, slot: int, ink: NDArray[np.uint8], ids: list[int]) -> None:
        self.ink[slot] = ink
        self.tokens[slot, : len(ids)] = ids
        self.lengths[slot] = len(ids)
        self.state[slot] = READY

    def take(self, rng: np.random.Generator, most_uses: int) -> Batch:
        """A batch of the pages that were used least; pages used often enough are given back.

        Often enough is once while the pool is full: then those who draw have nothing to do. Half of
        the pool is always kept, so that a page comes again late, and training goes on when drawing
        lags.
        """
        size = self.bucket.batch
        while len(ready := np.flatnonzero(self.state == READY)) < size:
            time.sleep(0.01)
        chosen = ready[np.argsort(self.uses[ready] + rng.random(len(ready)))[:size]]
        batch = Batch(self.bucket, self.ink[chosen], self.tokens[chosen], self.lengths[chosen])
        self.uses[chosen] += 1
        spare = max(0, len(ready) - max(3 * size, len(self.state) // 2))
        enough = 1 if len(ready) == len(self.state) else most_uses
        worn_out = chosen[self.uses[chosen] >= enough][:spare]
        self.uses[worn_out] = 0
        self.state[worn_out] = FREE
        self.given_back += len(worn_out)
        return batch


class Reservoir:
    """All pools and the processes that fill them. Make it before CUDA is touched: it forks."""

    def __init__(
        self,
        buckets: Sequence[Bucket],
        draw: Draw,
        workers: int,
        seed: int,
        most_uses: int = 4,
        depth: int = 16,
        first: Sequence[Bucket] | None = None,
    ) -> None:
        self.pools = [Pool(bucket, depth * bucket.batch) for bucket in buckets]
        self.opened = _shared((len(buckets),), np.bool_)
        self.open(buckets if first is None else first)
        self.most_uses = most_uses
        self.rng = np.random.default_rng(seed)
        fork = multiprocessing.get_context("fork")
        self.processes: list[BaseProcess] = [
            fork.Process(target=self._fill, args=(draw, number, workers, seed), daemon=True)
            for number in range(workers)
        ]
        for process in self.processes:
            process.start()

    def open(self, buckets: Sequence[Bucket]) -> None:
        """Take pages of these buckets alone from now on; they are drawn from their first time on.

        Pools are never closed: a batch that is being waited for at this moment must still come.
        """
        self.shares = [pool.bucket.share * (pool.bucket in buckets) for pool in self.pools]
        self.opened |= np.array(self.shares) > 0

    def take(self, index: int) -> Batch:
        return self.pools[index].take(self.rng, self.most_uses)

    @property
    def drawn(self) -> list[int]:
        """Pages ready in each pool."""
        return [int((pool.state == READY).sum()) for pool in self.pools]

    @property
    def given_back(self) -> int:
        """Pages given back, to be drawn anew, since this was last asked."""
        count = sum(pool.given_back for pool in self.pools)
        for pool in self.pools:
            pool.given_back = 0
        return count

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
            process.join()

    def _fill(self, draw: Draw, number: int, workers: int, seed: int) -> None:
        """A drawing process: fill this process's free slots, emptiest pool first, without end."""
        rng, parent = random.Random(seed * 1_000_003 + number), os.getppid()
        os.nice(5)  # the trainer launches the GPU's work and must not wait for a core
        while os.getppid() == parent:  # or a trainer that was killed would leave them drawing
            free = [np.flatnonzero(pool.state[number::workers] == FREE) for pool in self.pools]
            shares = [
                len(slots) / len(pool.state) * opened
                for slots, pool, opened in zip(free, self.pools, self.opened, strict=True)
            ]
            if not any(shares):
                time.sleep(0.02)
                continue
            wanted = rng.choices(self.pools, shares)[0].bucket
            try:
                ink, ids = draw(rng, wanted)
            except Exception:  # one bad page must not end hours of training
                traceback.print_exc()
                continue
            slot = self._place(wanted, len(ids), free)
            if slot is not None:
                pool, position = slot
                self.pools[pool].put(int(free[pool][position]) * workers + number, ink, ids)

    def _place(
        self, drawn: Bucket, length: int, free: list[NDArray[np.intp]]
    ) -> tuple[int, int] | None:
        """The tightest bucket of this page size that holds the text and has a free slot."""
        fitting = [
            (pool.bucket.tokens, index)
            for index, pool in enumerate(self.pools)
            if (pool.bucket.height, pool.bucket.width) == (drawn.height, drawn.width)
            and length <= pool.bucket.tokens
            and len(free[index])
        ]
        return (min(fitting)[1], 0) if fitting else None


def ahead(reservoir: Reservoir, order: random.Random) -> Iterator[Batch]:
    """Batches, two of them gathered ahead in a thread."""
    ready: queue.Queue[Batch] = queue.Queue(2)
    choose = random.Random(order.random())
    pools = range(len(reservoir.pools))

    def gather() -> None:
        while True:
            ready.put(reservoir.take(choose.choices(pools, reservoir.shares)[0]))

    threading.Thread(target=gather, daemon=True).start()
    while True:
        yield ready.get()


def _shared(shape: tuple[int, ...], kind: type) -> NDArray:  # type: ignore[type-arg]
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    return np.frombuffer(mmap.mmap(-1, max(size, 1)), kind, int(np.prod(shape))).reshape(shape)
