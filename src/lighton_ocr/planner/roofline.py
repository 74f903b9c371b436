"""How fast a GPU can read pages: limits from its data sheet, and an estimate from a measured run.

The limits assume that arithmetic and memory transfers overlap perfectly. The estimate adds up the
times of a page's parts, at the rate that matrix products reach in practice, and applies one
efficiency for all GPUs and models: that of the run in the catalog that `calibrates`.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from lighton_ocr.catalog import Gpu, Model, find_gpu, find_model
from lighton_ocr.catalog.measurements import calibration
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.errors import UsageError
from lighton_ocr.planner.work import PageWork, decoder_bytes, page_work, weight_bytes

# The most that one API server of vLLM was measured to preprocess (PNG decoding, resizing,
# normalising): 23.04 pages/s of 1092 x 1540 pixels, with 1.16 cores (benchmarks/results/
# gpu-study-h200-settled.json); 17.21 in another run (…-drafts.json). Two are assumed to preprocess
# twice as much; the most that two were measured to is 22.49 (…-api-servers.json).
API_SERVER_MEGAPIXELS_PER_S = 23.04 * 1.68168
# Tokens that a step writes of a page whose file contains its text, with five draft tokens: assumed
# in these runs. The pocket model wrote 3.61 on 100 pages (texts-h200-drafts.json).
TOKENS_PER_STEP = 3.24
WORKING_BYTES = 2e9  # assumed: activations of the encoder's and the decoder's batch, and CUDA's own


@dataclass(frozen=True)
class Limits:
    """What bounds one GPU with one model. All rates are in pages per second.

    `capacity` is how many pages fit into memory at once, `batch` how many are decoded together.
    `arithmetic` is all operations at the peak rate, `bandwidth` all bytes of decoding at the
    memory's rate with one token per step, and `preprocessing` the most that vLLM's API servers
    were measured to do. `serial` is the rate if a page's parts follow one another at measured
    speed; `serial_drafted` is the same with draft tokens.
    """

    capacity: int
    batch: int
    arithmetic: float
    bandwidth: float
    preprocessing: float
    serial: float
    serial_drafted: float

    @property
    def bound(self) -> float:
        """The most at one token per step, with arithmetic and memory perfectly overlapped."""
        return min(self.arithmetic, self.bandwidth)


@dataclass(frozen=True)
class Estimate:
    """What one GPU does with one model, for pages of `work`, in pages per second.

    `pages_per_s` is a measured share of `limits.serial`, `drafted_per_s` of
    `limits.serial_drafted` (pages whose files contain their text); both within
    `limits.preprocessing`.
    """

    model: Model
    gpu: Gpu
    work: PageWork
    limits: Limits
    pages_per_s: float
    drafted_per_s: float

    @property
    def bottleneck(self) -> Literal["arithmetic", "bandwidth", "preprocessing"]:
        """What takes most of the time."""
        if self.limits.preprocessing <= self.pages_per_s:
            return "preprocessing"
        reached = self.gpu.measured_tflops * 1e12 / self.work.flop
        return "arithmetic" if reached < self.limits.bandwidth else "bandwidth"

    @property
    def usd_per_1000(self) -> float:
        """US dollars of GPU time for 1,000 pages, without idle time."""
        return 1000 / self.pages_per_s * self.gpu.price_per_second


def estimate(model: Model, gpu: Gpu, tokens: int | None = None) -> Estimate:
    """Estimate A4 pages of `tokens` output tokens each; None takes the model's mean.

    Source of the method: Williams, Waterman, Patterson, "Roofline" (2009), for a page instead of a
    kernel.

    Raises:
        UsageError: the model writes no answer of that length, or a page does not fit into memory.
    """
    work = page_work(model, tokens or model.output_tokens)
    limits = _limits(model, gpu, work)
    plain, drafted = (
        min(efficiency() * rate, limits.preprocessing)
        for rate in (limits.serial, limits.serial_drafted)
    )
    return Estimate(model, gpu, work, limits, plain, drafted)


@cache
def efficiency() -> float:
    """Measured pages per second divided by `serial`, in the catalog's calibrating run."""
    run = calibration()
    model = find_model(run.model)
    work = page_work(model, run.tokens or model.output_tokens)
    return run.pages_per_s / _limits(model, find_gpu(run.gpu), work).serial


def _limits(model: Model, gpu: Gpu, work: PageWork) -> Limits:
    """Compute the limits, for T output tokens per page:

    arithmetic = peak / FLOP of a page; bandwidth = GB/s / (cache reads + weights x T / batch);
    serial = 1 / (FLOP / measured rate + the same bytes / bandwidth).
    """
    _check_length(model, work)
    options = VllmOptions(model, gpu)
    capacity = _capacity(model, gpu, work)
    batch = min(capacity, gpu.max_num_seqs)
    decode_bytes = work.decode_bytes + decoder_bytes(model) * work.output_tokens / batch
    transfer_s = decode_bytes / (gpu.bandwidth_gb_s * 1e9)
    arithmetic_s = work.flop / (gpu.measured_tflops * 1e12)
    steps = 1 / TOKENS_PER_STEP if options.uses_drafts else 1.0
    return Limits(
        capacity=capacity,
        batch=batch,
        arithmetic=gpu.peak_tflops * 1e12 / work.flop,
        bandwidth=1 / transfer_s,
        preprocessing=options.api_servers * API_SERVER_MEGAPIXELS_PER_S / work.megapixels,
        serial=1 / (arithmetic_s + transfer_s),
        # The cache is read once per step, for all tokens that the step checks.
        serial_drafted=1 / (arithmetic_s + steps * transfer_s),
    )


def _check_length(model: Model, work: PageWork) -> None:
    longest = model.context - work.prompt_tokens
    if work.output_tokens > longest:
        raise UsageError(
            f"{model.id} cannot write {work.output_tokens:,} tokens for a page: its context of "
            f"{model.context:,} leaves {longest:,} after the page image. Plan with fewer tokens."
        )


def _capacity(model: Model, gpu: Gpu, work: PageWork) -> int:
    """(memory x vLLM's share - weights - working memory) / cache of a whole page."""
    free = gpu.memory_gb * 1e9 * gpu.gpu_memory_utilization - weight_bytes(model) - WORKING_BYTES
    pages = int(free // work.cache_bytes)
    if pages < 1:
        raise UsageError(
            f"A page of {work.output_tokens:,} tokens by {model.id} does not fit into the "
            f"{gpu.memory_gb} GB of the {gpu.name}. Choose a larger GPU: `lighton-ocr gpus`."
        )
    return pages
