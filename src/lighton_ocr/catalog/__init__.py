"""Models, GPUs, measurements and prices: TOML data, loaded into frozen dataclasses."""

from lighton_ocr.catalog.gpus import Evidence, Gpu, GpuEvidence, find_gpu, gpus, sentence_list
from lighton_ocr.catalog.models import (
    DEFAULT_MODEL,
    GROUNDING,
    POCKET,
    BoxGrammar,
    Model,
    Quality,
    Sampling,
    check_margins,
    find_model,
    fine_tune,
    models,
)
from lighton_ocr.catalog.shapes import Decoder, Encoder, Shape

__all__ = [
    "DEFAULT_MODEL",
    "GROUNDING",
    "POCKET",
    "BoxGrammar",
    "Decoder",
    "Encoder",
    "Evidence",
    "Gpu",
    "GpuEvidence",
    "Model",
    "Quality",
    "Sampling",
    "Shape",
    "check_margins",
    "find_gpu",
    "find_model",
    "fine_tune",
    "gpus",
    "models",
    "sentence_list",
]
