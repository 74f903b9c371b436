"""What it takes to read many pages on a GPU: containers, hours and dollars."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from lighton_ocr.errors import UsageError
from lighton_ocr.planner.roofline import Estimate

# From vLLM's start to its first page: 0.32.0 on an H200, with the weights on disk and nothing
# compiled (benchmarks/results/vllm-h200.json).
START_S = 144
_UNIT_S = {"m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Budget:
    """`pages` read by `containers` with one GPU each, in `hours` including the start.

    `usd` is the cost of starting and reading; `idle_usd` is the cost of the scale-down window, for
    which the containers stay up after the last page.
    """

    estimate: Estimate
    pages: int
    containers: int
    hours: float
    usd: float
    idle_usd: float

    @property
    def total_usd(self) -> float:
        """Reading and idle time together."""
        return self.usd + self.idle_usd


def budget(
    estimate: Estimate, pages: int, idle_s: float, deadline_s: float | None = None
) -> Budget:
    """Plan as many containers as the deadline takes, or one if there is no deadline.

    containers = pages / (rate x (deadline - start)), rounded up; hours = start + pages / (rate x
    containers); dollars = containers x hours x price. `idle_s` is the scale-down window.

    Raises:
        UsageError: no container can read a page before the deadline.
    """
    containers = 1
    if deadline_s is not None:
        pages_each = estimate.pages_per_s * (deadline_s - START_S)
        if pages_each < 1:
            raise UsageError(
                f"A container takes about {START_S} s to start, so no {estimate.gpu.name} would "
                "read a page before the deadline. Allow some more minutes."
            )
        containers = math.ceil(pages / pages_each)
    seconds = START_S + pages / (estimate.pages_per_s * containers)
    price = containers * estimate.gpu.price_per_second
    return Budget(estimate, pages, containers, seconds / 3600, seconds * price, idle_s * price)


def cheapest(budgets: Iterable[Budget]) -> Budget:
    """Return the budget that costs least, including idle time."""
    return min(budgets, key=lambda found: found.total_usd)


def fastest(budgets: Iterable[Budget]) -> Budget:
    """Return the budget that takes the least time."""
    return min(budgets, key=lambda found: found.hours)


def parse_duration(text: str) -> float:
    """Return the seconds in a duration such as `45m`, `8h` or `2d`.

    Raises:
        UsageError: the text is not such a duration.
    """
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)([mhd])", text.strip().lower())
    if match is None or float(match[1]) == 0:
        raise UsageError(f"{text!r} is not a duration: write 45m, 8h or 2d.")
    return float(match[1]) * _UNIT_S[match[2]]
