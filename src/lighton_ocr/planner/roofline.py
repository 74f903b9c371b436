"""How fast a GPU can read pages: limits that no run beats, and an estimate from a measured run.

The limits are computed from the datasheet alone. The estimate takes the time that a page's parts
need one after the other, at the rate that matrix products really reach, and divides it by one
efficiency for all GPUs and models, the one of the run in the catalog that `calibrates`.
"""

from dataclasses import dataclass, replace
from functools import cache

from lighton_ocr.catalog import Gpu, Model, find_gpu, find_model
from lighton_ocr.catalog.measurements import calibration
from lighton_ocr.engines.vllm.command import api_servers, takes_drafts
from lighton_ocr.errors import UsageError
from lighton_ocr.planner.work import PageWork, decoder_bytes, page_work, weight_bytes

# The most that one API server of vLLM (PNG decoding, resizing, normalising) has been seen to pass:
# 23.04 pages/s of 1092 x 1540 pixels, with 1.16 cores (benchmarks/results/
# gpu-study-h200-settled.json), and 17.21 on another machine (…-drafts.json). Two are taken to pass
# twice as much; 22.49 are the most that two have been seen to (…-api-servers.json).
API_SERVER_MEGAPIXELS_PER_S = 23.04 * 1.68168
# What a step writes of a page whose file holds its text, five tokens being guessed: assumed in
# these runs. The pocket model wrote 3.61 on 100 pages (texts-h200-drafts.json).
TOKENS_A_STEP = 3.24
WORKING_BYTES = 2e9  # assumed: activations of the encoder's and the decoder's batch, CUDA's own


@dataclass(frozen=True)
class Estimate:
    """What one GPU does with one model, for pages of `work`. All rates in pages a second.

    `sequences` pages fit into its memory at once; `batch` are decoded together. Limits, computed:
    `arithmetic` (all operations at the peak rate), `bandwidth` (all bytes of decoding at the
    memory's rate, a token a step). `front_end` is the most that one API server of vLLM was seen to
    pass, times their number. `serial` is the rate if the parts followed each other at
    measured speed; `pages_per_s`, the estimate, is a measured share of it, bounded by the front
    end. `drafted_per_s` is the same for files that hold their pages' text: a step writes
    TOKENS_A_STEP and reads the cache once for them.
    """

    model: Model
    gpu: Gpu
    work: PageWork
    sequences: int
    batch: int
    arithmetic: float
    bandwidth: float
    front_end: float
    serial: float
    pages_per_s: float
    drafted_per_s: float

    @property
    def bound(self) -> float:
        """What it cannot exceed at a token a step, arithmetic and memory perfectly overlapped."""
        return min(self.arithmetic, self.bandwidth)

    @property
    def wall(self) -> str:
        """What takes the most of the estimate: `arithmetic`, `bandwidth` or `front end`."""
        if self.front_end <= self.pages_per_s:
            return "front end"
        reached = self.gpu.measured_tflops * 1e12 / self.work.flop
        return "arithmetic" if reached < self.bandwidth else "bandwidth"

    @property
    def usd_per_1000(self) -> float:
        """US dollars of GPU time for 1,000 pages, at the estimate and without idle time."""
        return 1000 / self.pages_per_s * self.gpu.price_per_second


def estimate(model: Model, gpu: Gpu, tokens: int | None = None) -> Estimate:
    """Limits and estimate for A4 pages of `tokens` output tokens each, the model's mean if None.

    Source of the method: Williams, Waterman, Patterson, "Roofline" (2009), for a page instead of a
    kernel.

    Raises:
        UsageError: the model writes no answer of that length, or it does not fit into the GPU.
    """
    limits = _limits(model, gpu, tokens or model.output_tokens)
    plain, drafted = (
        min(efficiency() * rate, limits.front_end) for rate in (limits.serial, limits.drafted_per_s)
    )
    return replace(limits, pages_per_s=plain, drafted_per_s=drafted)


@cache
def efficiency() -> float:
    """Measured pages a second over `serial`, in the catalog's calibrating run."""
    run = calibration()
    tokens = run.tokens or find_model(run.model).output_tokens
    return run.pages_per_s / _limits(find_model(run.model), find_gpu(run.gpu), tokens).serial


def _limits(model: Model, gpu: Gpu, tokens: int) -> Estimate:
    """Everything but the estimates themselves; `drafted_per_s` is what `serial` is with drafts.

    arithmetic = peak / FLOP of a page; bandwidth = GB/s / (cache reads + weights x T / batch);
    serial = 1 / (FLOP / measured rate + the same bytes / bandwidth).
    """
    work = page_work(model, tokens)
    longest = model.context - work.prompt_tokens
    if tokens > longest:
        raise UsageError(
            f"{model.id} writes no page of {tokens:,} tokens: its context of {model.context:,} "
            f"leaves {longest:,} beside the page image. Give fewer."
        )
    sequences = _fitting(model, gpu, work)
    batch = min(sequences, gpu.max_num_seqs)
    decode_bytes = work.decode_bytes + decoder_bytes(model) * tokens / batch
    reading_s = decode_bytes / (gpu.bandwidth_gb_s * 1e9)
    working_s = work.flop / (gpu.measured_tflops * 1e12)
    steps = 1 / TOKENS_A_STEP if takes_drafts(model, gpu) else 1.0
    return Estimate(
        model=model,
        gpu=gpu,
        work=work,
        sequences=sequences,
        batch=batch,
        arithmetic=gpu.peak_tflops * 1e12 / work.flop,
        bandwidth=1 / reading_s,
        front_end=api_servers(model, gpu) * API_SERVER_MEGAPIXELS_PER_S / work.megapixels,
        serial=1 / (working_s + reading_s),
        pages_per_s=0.0,
        drafted_per_s=1 / (working_s + steps * reading_s),
    )


def _fitting(model: Model, gpu: Gpu, work: PageWork) -> int:
    """(memory x vLLM's share - weights - working memory) / cache of a whole page."""
    room = gpu.memory_gb * 1e9 * gpu.gpu_memory_utilization - weight_bytes(model) - WORKING_BYTES
    fitting = int(room // work.cache_bytes)
    if fitting < 1:
        raise UsageError(
            f"A page of {work.output_tokens:,} tokens by {model.id} does not fit into the "
            f"{gpu.memory_gb} GB of a {gpu.name}. Choose a larger GPU: `lighton-ocr gpus`."
        )
    return fitting
