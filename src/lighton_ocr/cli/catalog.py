"""`lighton-ocr models` and `lighton-ocr gpus`: the catalog as tables."""

from collections.abc import Sequence

from lighton_ocr.catalog import Model
from lighton_ocr.catalog import gpus as all_gpus
from lighton_ocr.catalog import models as all_models


def models() -> None:
    """List the models: names, size, page geometry, published quality, what can serve them."""
    rows = [
        (
            model.id,
            " ".join(model.aliases),
            f"{model.parameters_m:,.0f} M",
            f"{model.edge} px",
            " ".join(model.modes),
            model.tables,
            f"{model.quality.overall:.1f}" if model.quality else "–",
            _engines(model),
        )
        for model in all_models()
    ]
    _print(
        "quality: olmOCR-bench overall, without headers and footers, as the authors publish it",
        ("model", "aliases", "size", "edge", "modes", "tables", "quality", "engines"),
        rows,
    )


def gpus() -> None:
    """List the GPUs that Modal rents: memory, speed and price."""
    rows = [
        (
            " ".join((gpu.name, *gpu.aliases)),
            gpu.architecture,
            f"{gpu.memory_gb} GB",
            f"{gpu.bandwidth_gb_s:,} GB/s",
            f"{gpu.peak_tflops:,.0f}",
            f"{gpu.measured_tflops:,.0f}",
            f"{gpu.fp8_tflops:,.0f}" if gpu.fp8_tflops else "–",
            f"${gpu.price_per_hour:.2f}",
        )
        for gpu in all_gpus()
    ]
    _print(
        "TFLOP/s: dense bf16 (fp16 on T4), on paper and measured; price: Modal, US, 2026-10-05",
        ("gpu", "architecture", "memory", "bandwidth", "peak", "measured", "fp8", "an hour"),
        rows,
    )


def _engines(model: Model) -> str:
    if model.id.startswith("lighton-ocr"):
        return "embedded (ships with the package)"
    vllm = f"vLLM ≥ {model.min_vllm}" if model.min_vllm else "vLLM"
    return f"{vllm}, embedded" if model.gguf else vllm


def _print(caption: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    # Piped into a file or a pager, a table keeps its columns however narrow nobody's screen is.
    width = console.width if console.is_terminal else 200
    console.print(table, width=width)
    console.print(caption, width=width, style="dim")
