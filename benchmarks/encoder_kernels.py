"""Measure the vision encoder's heaviest kernels alone: attention and matrix products.

    python -m benchmarks.encoder_kernels benchmarks/results/encoder-kernels-h200.json

Needs a CUDA GPU and vLLM. The shapes are those of LightOnOCR-1B and an A4 page at its edge. If
NVIDIA's `ncu` can read the GPU's counters, each kernel is run once more under it.
"""

import csv
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path

import torch
from benchmarks.vllm_study.record import Record, Row
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from lighton_ocr.errors import EngineFailed

WIDTH, INNER, HEADS, LAYERS = 1024, 4096, 16, 24
PATCHES = 110 * 78  # of 14 x 14 pixels
PAGES = (1, 6)  # encoded in one step
REPETITIONS = 20
COUNTERS = {
    "gpu__time_duration.sum": "nanoseconds",
    "sm__throughput.avg.pct_of_peak_sustained_elapsed": "compute_percent",
    "gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed": "memory_percent",
    "dram__bytes.sum": "bytes",
    "sm__warps_active.avg.pct_of_peak_sustained_active": "occupancy_percent",
}
Kernel = Callable[[], object]
FP8 = torch.float8_e4m3fn


def flash_attention(pages: int, dtype: torch.dtype) -> Kernel:
    """FlashAttention 3 as vLLM calls it for the encoder: each page sees its own patches."""
    from vllm.vllm_flash_attn import flash_attn_varlen_func

    shape = (pages * PATCHES, HEADS, WIDTH // HEADS)
    q, k, v = (torch.randn(shape, device="cuda").to(torch.bfloat16).to(dtype) for _ in range(3))
    starts = torch.arange(pages + 1, device="cuda", dtype=torch.int32) * PATCHES
    one = torch.ones((pages, HEADS), device="cuda")
    scales = {f"{name}_descale": one for name in "qkv"} if dtype == FP8 else {}
    return partial(
        flash_attn_varlen_func,
        *(q, k, v),
        max_seqlen_q=PATCHES,
        cu_seqlens_q=starts,
        max_seqlen_k=PATCHES,
        cu_seqlens_k=starts,
        fa_version=3,
        **scales,
    )


def torch_attention(pages: int, backend: SDPBackend) -> Kernel:
    """PyTorch's attention with one of its backends, in bfloat16."""
    shape = (pages, HEADS, PATCHES, WIDTH // HEADS)
    qkv = [torch.randn(shape, device="cuda", dtype=torch.bfloat16) for _ in range(3)]

    def run() -> object:
        with sdpa_kernel(backend):
            return scaled_dot_product_attention(*qkv)

    return run


def product(pages: int, dtype: torch.dtype, width: int, out: int) -> Kernel:
    """A product of the pages' patches with a matrix of `width` x `out`."""
    patches = torch.randn((pages * PATCHES, width), device="cuda", dtype=torch.bfloat16)
    weights = torch.randn((out, width), device="cuda", dtype=torch.bfloat16)
    if dtype == torch.bfloat16:
        return partial(torch.matmul, patches, weights.t())
    rows = torch.ones((pages * PATCHES, 1), device="cuda")
    columns = torch.ones((1, out), device="cuda")
    matrices = patches.to(FP8), weights.to(FP8).t()
    return partial(torch._scaled_mm, *matrices, rows, columns, out_dtype=torch.bfloat16)


def kernels(pages: int) -> dict[str, tuple[float, Kernel]]:
    """Each kernel and its operations per page and layer, in TFLOP."""
    attention = 4 * PATCHES**2 * WIDTH / 1e12
    named: dict[str, tuple[float, Kernel]] = {
        "attention, FlashAttention 3": (attention, flash_attention(pages, torch.bfloat16)),
        "attention, FlashAttention 3, fp8": (attention, flash_attention(pages, FP8)),
        "attention, cuDNN": (attention, torch_attention(pages, SDPBackend.CUDNN_ATTENTION)),
    }
    shapes = {"qkv": (WIDTH, 3 * WIDTH), "o": (WIDTH, WIDTH)}
    shapes |= {"gate and up": (WIDTH, 2 * INNER), "down": (INNER, WIDTH)}
    for name, (width, out) in shapes.items():
        tflop = 2 * PATCHES * width * out / 1e12
        named[f"{name}, bfloat16"] = (tflop, product(pages, torch.bfloat16, width, out))
        named[f"{name}, fp8"] = (tflop, product(pages, FP8, width, out))
    return named


def milliseconds(kernel: Kernel) -> float:
    """The mean time of one call, once the GPU is warm."""
    for _ in range(REPETITIONS):
        kernel()
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    for _ in range(REPETITIONS):
        kernel()
    end.record()
    torch.cuda.synchronize()
    return float(start.elapsed_time(end)) / REPETITIONS


def measure(pages: int) -> Row:
    """Time per page of each kernel in all layers, and the rate that it reaches."""
    row: Row = {}
    for name, (tflop, kernel) in kernels(pages).items():
        try:
            ms = milliseconds(kernel) / pages
        except RuntimeError as error:  # this GPU or this release of vLLM lacks the kernel
            row[name] = {"fault": repr(error)[:300]}
            continue
        row[name] = {"ms_per_page": round(LAYERS * ms, 2), "tflop_per_s": round(tflop / ms * 1e3)}
    return row


def run_once(pages: int) -> None:
    """Run each kernel once where `ncu` looks: between the profiler's start and stop."""
    for _, kernel in kernels(pages).values():
        kernel()
        torch.cuda.synchronize()
        torch.cuda.profiler.start()
        kernel()
        torch.cuda.synchronize()
        torch.cuda.profiler.stop()


def counters(pages: int) -> Row:
    """What the GPU's counters show of each kernel, in the order of `kernels`.

    Raises:
        EngineFailed: `ncu` is not installed, or cannot read the counters.
    """
    ncu = shutil.which("ncu")
    if ncu is None:
        raise EngineFailed("ncu is not installed.")
    program = [sys.executable, "-m", "benchmarks.encoder_kernels", "run", str(pages)]
    options = ["--csv", "--profile-from-start", "off", "--clock-control", "none"]
    metrics = ["--metrics", ",".join(COUNTERS)]
    done = subprocess.run(
        [ncu, *options, *metrics, *program], capture_output=True, text=True, check=False
    )
    if not (rows := by_kernel(done.stdout)):
        raise EngineFailed(f"ncu read nothing: {(done.stdout + done.stderr)[-500:]}")
    return rows


def by_kernel(output: str) -> Row:
    """The values of each kernel, in the order in which they ran, from ncu's CSV."""
    table = [line for line in output.splitlines() if line.startswith('"')]
    rows: Row = {}
    for line in csv.DictReader(StringIO("\n".join(table))):
        name = f"{line['ID']}: {line['Kernel Name'][:60]}"
        value = float(line["Metric Value"].replace(",", ""))
        rows.setdefault(name, {})[COUNTERS[line["Metric Name"]]] = value
    return rows


def main(out: str) -> None:
    """Measure with one page and with several in a step."""
    record = Record(
        Path(out), "python -m benchmarks.encoder_kernels OUT", torch.cuda.get_device_name()
    )
    for pages in PAGES:
        record.measure(f"pages in a step: {pages}", measure, pages)
    record.measure("counters", counters, PAGES[-1])


if __name__ == "__main__":
    if sys.argv[1] == "run":
        run_once(int(sys.argv[2]))
    else:
        main(sys.argv[1])
