"""Cores for the trainers alone.

A trainer launches the GPU's work from one core. Where drawing processes share that core, or its
other half, a step takes a quarter longer.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

# Cores of each trainer: for the forward pass, the backward pass, gathering and the log.
OWN = 4


def shares(cores: Sequence[int], rank: int, world: int) -> tuple[set[int], set[int]]:
    """This trainer's cores, and those of all that draw; all of them where they are few."""
    if len(cores) < 2 * OWN * world:
        return set(cores), set(cores)
    return set(cores[rank * OWN : (rank + 1) * OWN]), set(cores[world * OWN :])


@contextmanager
def drawing(rank: int, world: int) -> Iterator[None]:
    """Processes started inside the block draw; afterwards this process has cores of its own."""
    if not hasattr(os, "sched_setaffinity"):  # not on Linux
        yield
        return
    own, others = shares(sorted(os.sched_getaffinity(0)), rank, world)
    os.sched_setaffinity(0, others)
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)
