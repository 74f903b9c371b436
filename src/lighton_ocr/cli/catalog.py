"""`lighton-ocr models` and `lighton-ocr gpus`: the catalog as tables of 80 columns."""

from lighton_ocr.catalog import gpus as all_gpus
from lighton_ocr.catalog import models as all_models
from lighton_ocr.cli.tables import Column, print_table


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
    print_table(
        "score: olmOCR-bench overall, without headers and footers, as the authors publish it.",
        (
            Column("model", "left"),
            Column("size"),
            Column("score"),
            Column("licence", "left"),
            Column("what for", "left", wraps=True),
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
    print_table(
        "TFLOP/s: dense bf16 (fp16 on T4), on paper and measured. Price: Modal, US, 2026-10-05.",
        (
            Column("gpu", "left"),
            Column("memory"),
            Column("GB/s"),
            Column("TFLOP/s"),
            Column("measured"),
            Column("fp8"),
            Column("an hour"),
        ),
        rows,
    )
