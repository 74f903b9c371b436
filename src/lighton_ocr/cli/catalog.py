"""`lighton-ocr models` and `lighton-ocr gpus`: the catalog as tables of 80 columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lighton_ocr.catalog import gpus as all_gpus
from lighton_ocr.catalog import models as all_models

WIDTH = 80


@dataclass(frozen=True)
class _Column:
    head: str
    justify: Literal["left", "right"] = "right"
    wraps: bool = False


def models() -> None:
    """List the models: size, published quality, licence, and what each is for."""
    rows = [
        (
            model.aliases[0],
            f"{model.parameters_m:,.0f} M",
            f"{model.quality.overall:.1f}" if model.quality else "–",
            model.license,
            model.note,
        )
        for model in all_models()
    ]
    _print(
        "score: olmOCR-bench overall, without headers and footers, as the authors publish it.",
        (
            _Column("model", "left"),
            _Column("size"),
            _Column("score"),
            _Column("licence", "left"),
            _Column("what for", "left", wraps=True),
        ),
        rows,
    )


def gpus() -> None:
    """List the GPUs that Modal rents: memory, speed and price."""
    rows = [
        (
            gpu.name,
            f"{gpu.memory_gb} GB",
            f"{gpu.bandwidth_gb_s:,}",
            f"{gpu.peak_tflops:,.0f}",
            f"{gpu.measured_tflops:,.0f}",
            f"{gpu.fp8_tflops:,.0f}" if gpu.fp8_tflops else "–",
            f"${gpu.price_per_hour:.2f}",
        )
        for gpu in all_gpus()
    ]
    _print(
        "TFLOP/s: dense bf16 (fp16 on T4), on paper and measured. Price: Modal, US, 2026-10-05.",
        (
            _Column("gpu", "left"),
            _Column("memory"),
            _Column("GB/s"),
            _Column("TFLOP/s"),
            _Column("measured"),
            _Column("fp8"),
            _Column("an hour"),
        ),
        rows,
    )


def _print(caption: str, columns: Sequence[_Column], rows: Sequence[tuple[str, ...]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column.head, justify=column.justify, no_wrap=not column.wraps)
    for row in rows:
        table.add_row(*row)
    # In a pipe or a file, nobody's screen is too narrow.
    width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    console.print(table, width=width)
    console.print(f"\n{caption}", width=width, style="dim")
