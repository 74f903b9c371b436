"""`lighton-ocr models` and `lighton-ocr gpus`: the catalog as tables."""

from lighton_ocr._text import duration
from lighton_ocr.catalog import POCKET, Evidence, Model, find_model
from lighton_ocr.catalog import gpus as all_gpus
from lighton_ocr.catalog import models as all_models
from lighton_ocr.cli.tables import Column, print_table

# A page on two cores: the mean in benchmarks/results/pocket-final.json.
POCKET_SECONDS = 5.6
_BYTES_A_WEIGHT = 34 / 32  # in Q8_0: 32 weights of a byte with a scale of two


def models() -> None:
    """List the models: size, published score, time and download on this machine, and purpose."""
    from lighton_ocr.engines.llama_cpp.weights import hub_folder

    rows = [
        (
            model.aliases[0],
            f"{model.parameters_m:,.0f} M",
            f"{model.quality.overall:.1f}" if model.quality else "–",
            *_here(model),
            model.note,
        )
        for model in all_models()
    ]
    print_table(
        "score: olmOCR-bench overall, without headers and footers, as published by the authors. "
        "here: time for a page with the embedded engine on two CPU cores, measured for "
        "pocket, for others computed from their size (~); gpu: not published as GGUF, needs "
        "vLLM. download: of the weights when a model is first used here, computed from its size; "
        f"they are kept in {hub_folder()}. License of all: {_licenses()}.",
        (
            Column("model", "left"),
            Column("size"),
            Column("score"),
            Column("here"),
            Column("download"),
            Column("purpose", "left", wraps=True),
        ),
        rows,
        tight=True,
    )


def _here(model: Model) -> tuple[str, str]:
    """Return the time of a page on this machine, and what has to be downloaded before."""
    from lighton_ocr.engines.llama_cpp.weights import is_on_this_machine

    if model.id == POCKET:
        return duration(POCKET_SECONDS), "–"
    if model.gguf is None:
        return "gpu", "–"
    times = model.parameters_m / find_model(POCKET).parameters_m
    size = f"{model.parameters_m * _BYTES_A_WEIGHT / 1000:.1f} GB"
    return f"~{duration(POCKET_SECONDS * times)}", "done" if is_on_this_machine(model) else size


def _licenses() -> str:
    return ", ".join(sorted({model.license for model in all_models()}))


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
