"""Know what a GPU can do, and what reading costs, before renting one.

for gpu in gpus():
    found = estimate(find_model("1b"), gpu)
    print(gpu.name, found.bound, found.pages_per_s, found.usd_per_1000)
"""

from lighton_ocr.planner.budget import Budget, budget, cheapest, fastest, parse_duration
from lighton_ocr.planner.roofline import (
    API_SERVER_MEGAPIXELS_PER_S,
    TOKENS_A_STEP,
    Estimate,
    efficiency,
    estimate,
)

__all__ = [
    "API_SERVER_MEGAPIXELS_PER_S",
    "TOKENS_A_STEP",
    "Budget",
    "Estimate",
    "budget",
    "cheapest",
    "efficiency",
    "estimate",
    "fastest",
    "parse_duration",
]
