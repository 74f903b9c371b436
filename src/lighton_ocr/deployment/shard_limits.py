"""How many pages make a shard of a batch, and how long a container may take for one.

Both follow from the planner's estimate, which was measured on one GPU only: so a shard may take
SAFETY times as long. Modal ends a call after its timeout, and what it had read is lost.
"""

import math

from lighton_ocr.catalog import Gpu, Model, gpus
from lighton_ocr.errors import UsageError
from lighton_ocr.planner import estimate

SHARDS_AT_A_TIME = 2  # in one container: one fills the GPU while the other runs out of pages
MAX_PAGES = 250  # some minutes of a small GPU: little is lost with a container
SAFETY = 4
MAX_TIMEOUT_S = 4 * 3600
_MIN_TIMEOUT_S = 20 * 60


def shard_pages(model: Model) -> int:
    """Return how many pages a shard has: whoever sends it does not know the container's GPU.

    On the slowest GPU that the model fits on, a shard stays within MAX_TIMEOUT_S.
    """
    slowest = max(seconds for gpu in gpus() if (seconds := _seconds_per_page(model, gpu)))
    return max(1, min(MAX_PAGES, int(MAX_TIMEOUT_S / (SHARDS_AT_A_TIME * SAFETY * slowest))))


def shard_timeout_s(model: Model, gpu: Gpu) -> int:
    """Return the seconds that a container with that GPU may take for a shard, beside another one.

    Raises:
        UsageError: a page of the model does not fit into the GPU's memory.
    """
    pages = SHARDS_AT_A_TIME * shard_pages(model)
    return max(_MIN_TIMEOUT_S, math.ceil(SAFETY * pages / estimate(model, gpu).pages_per_s))


def _seconds_per_page(model: Model, gpu: Gpu) -> float | None:
    try:
        return 1 / estimate(model, gpu).pages_per_s
    except UsageError:  # no page fits
        return None
