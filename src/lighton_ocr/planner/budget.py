"""What reading many pages takes on each GPU: containers, hours and dollars."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from lighton_ocr.errors import UsageError
from lighton_ocr.planner.roofline import Estimate

# From vLLM's start to a first page: 0.32.0 on an H200, weights on the machine's disk, nothing
# compiled yet (benchmarks/results/vllm-h200.json).
START_S = 144
_UNIT_S = {"m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Budget:
    """`pages` on `containers` of one GPU: `hours` on the clock, start included.

    `usd` is the GPU time of start and work, `idle_usd` what the containers cost once more while
    they wait out the scale-down window after the last page.
    """

    estimate: Estimate
    pages: int
    containers: int
    hours: float
    usd: float
    idle_usd: float

    @property
    def total_usd(self) -> float:
        """Work and idle time together."""
        return self.usd + self.idle_usd


def budget(
    estimate: Estimate, pages: int, idle_s: float, deadline_s: float | None = None
) -> Budget:
    """As many containers as the deadline asks for, one without a deadline.

    containers = pages / (rate x (deadline - start)), rounded up; hours = start + pages / (rate x
    containers); dollars = containers x hours x price. `idle_s` is the scale-down window.

    Raises:
        UsageError: the deadline is over before a container has read a page.
    """
    containers = 1
    if deadline_s is not None:
        pages_each = estimate.pages_per_s * (deadline_s - START_S)
        if pages_each < 1:
            raise UsageError(
                f"A container takes about {START_S} s to start, and one {estimate.gpu.name} "
                "would not read a page by then: give a deadline of some minutes."
            )
        containers = math.ceil(pages / pages_each)
    seconds = START_S + pages / (estimate.pages_per_s * containers)
    price = containers * estimate.gpu.price_per_second
    return Budget(estimate, pages, containers, seconds / 3600, seconds * price, idle_s * price)


def cheapest(budgets: Iterable[Budget]) -> Budget:
    """The least money, idle time included."""
    return min(budgets, key=lambda found: found.total_usd)


def fastest(budgets: Iterable[Budget]) -> Budget:
    """The least time on the clock."""
    return min(budgets, key=lambda found: found.hours)


def parse_duration(text: str) -> float:
    """Seconds in `45m`, `8h` or `2d`.

    Raises:
        UsageError: it is none of these.
    """
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)([mhd])", text.strip().lower())
    if match is None or float(match[1]) == 0:
        raise UsageError(f"{text!r} is no duration: write 45m, 8h or 2d.")
    return float(match[1]) * _UNIT_S[match[2]]
