"""Compute how fast a GPU can read pages, and what that costs, before renting one.

for gpu in gpus():
    found = estimate(find_model("1b"), gpu)
    print(gpu.name, found.limits.bound, found.pages_per_s, found.usd_per_1000)
"""

from lighton_ocr.planner.budget import Budget, budget, cheapest, fastest, parse_duration
from lighton_ocr.planner.roofline import (
    API_SERVER_MEGAPIXELS_PER_S,
    TOKENS_PER_STEP,
    Estimate,
    Limits,
    efficiency,
    estimate,
)

__all__ = [
    "API_SERVER_MEGAPIXELS_PER_S",
    "TOKENS_PER_STEP",
    "Budget",
    "Estimate",
    "Limits",
    "budget",
    "cheapest",
    "efficiency",
    "estimate",
    "fastest",
    "parse_duration",
]
