"""`lighton-ocr models` and `lighton-ocr gpus`: the catalog as tables."""

from lighton_ocr.catalog import Evidence
from lighton_ocr.catalog import gpus as all_gpus
from lighton_ocr.catalog import models as all_models
from lighton_ocr.cli.tables import Column, print_table


def models() -> None:
    """List the models: size, published score, license, and purpose."""
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
        "score: olmOCR-bench overall, without headers and footers, as published by the authors.",
        (
            Column("model", "left"),
            Column("size"),
            Column("score"),
            Column("license", "left"),
            Column("purpose", "left", wraps=True),
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
            f"{gpu.peak_tflops:,.0f}{_mark(gpu.evidence.specification)}",
            f"{gpu.measured_tflops:,.0f}{_mark(gpu.evidence.measured_tflops)}",
            f"{gpu.fp8_tflops:,.0f}" if gpu.fp8_tflops else "–",
            f"{gpu.max_num_seqs}{_mark(gpu.evidence.vllm_limits)}",
            f"${gpu.price_per_hour:.2f}",
        )
        for gpu in all_gpus()
    ]
    print_table(
        "TFLOP/s: dense bf16 (fp16 on T4), from the data sheet and measured with matrix products. "
        "pages: how many vLLM reads at once. ? marks a figure that is assumed. "
        "Price: Modal, US, 2026-10-05.",
        (
            Column("gpu", "left"),
            Column("memory"),
            Column("GB/s"),
            Column("TFLOP/s"),
            Column("measured"),
            Column("fp8"),
            Column("pages"),
            Column("per hour"),
        ),
        rows,
    )


def _mark(evidence: Evidence) -> str:
    return " ?" if evidence == "assumed" else ""
