"""What is known of every model and GPU: data in TOML, loaded into frozen dataclasses."""

from lighton_ocr.catalog.gpus import Gpu, find_gpu, gpus
from lighton_ocr.catalog.models import (
    DEFAULT_MODEL,
    POCKET,
    Model,
    Quality,
    Sampling,
    find_model,
    models,
)
from lighton_ocr.catalog.shapes import Decoder, Encoder, Shape

__all__ = [
    "DEFAULT_MODEL",
    "POCKET",
    "Decoder",
    "Encoder",
    "Gpu",
    "Model",
    "Quality",
    "Sampling",
    "Shape",
    "find_gpu",
    "find_model",
    "gpus",
    "models",
]
