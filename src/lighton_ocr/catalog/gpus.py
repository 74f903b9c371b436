"""The GPUs that Modal rents: memory, speed, price, and vLLM's limits on each."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from lighton_ocr.errors import UsageError

Evidence = Literal["measured", "published", "assumed"]


@dataclass(frozen=True)
class GpuEvidence:
    """What a GPU's figures rest on: measured on such a GPU, published by a vendor, or assumed.

    `specification` covers memory, bandwidth and peak rates; `vllm_limits` covers `max_num_seqs`,
    `max_num_batched_tokens`, `gpu_memory_utilization` and `api_servers`.
    """

    specification: Evidence
    measured_tflops: Evidence
    vllm_limits: Evidence


@dataclass(frozen=True)
class Gpu:
    """One GPU, under Modal's name for it.

    Memory in GB (nominal), bandwidth in GB/s, rates in dense TFLOP/s (bfloat16, or float16 where
    `bfloat16` is false), price in US dollars per second. `fp8_tflops` is None without fp8 units.
    `max_num_seqs`, `max_num_batched_tokens` and `gpu_memory_utilization` are vLLM's limits;
    `api_servers` is the number of its processes that accept requests and preprocess images, and
    `attention_backend` names its attention kernels (None: vLLM chooses). `listed` is False for a
    GPU that Modal's list does not contain, though it may come for another one.
    """

    name: str
    memory_gb: int
    bandwidth_gb_s: int
    peak_tflops: float
    measured_tflops: float
    architecture: str
    capability: str
    price_per_second: float
    max_num_seqs: int
    max_num_batched_tokens: int
    source: str
    evidence: GpuEvidence
    fp8_tflops: float | None = None
    bfloat16: bool = True
    aliases: tuple[str, ...] = ()
    gpu_memory_utilization: float = 0.9
    api_servers: int = 1
    attention_backend: str | None = None
    listed: bool = True

    @property
    def price_per_hour(self) -> float:
        """US dollars per hour."""
        return self.price_per_second * 3600


def gpus() -> tuple[Gpu, ...]:
    """Return the GPUs in Modal's list, cheapest first."""
    return tuple(gpu for gpu in _all_gpus() if gpu.listed)


@cache
def _all_gpus() -> tuple[Gpu, ...]:
    text = resources.files(__package__).joinpath("gpus.toml").read_text("utf-8")
    found = (_gpu(row) for row in tomllib.loads(text)["gpu"])
    return tuple(sorted(found, key=lambda gpu: gpu.price_per_second))


def find_gpu(name: str) -> Gpu:
    """Return the GPU with that name or alias, in any case; `L4:1` is read as `L4`.

    Raises:
        UsageError: Modal has no such GPU, or more than one is asked for.
    """
    wanted, _, count = name.lower().partition(":")
    if count not in ("", "1"):
        raise UsageError(
            f"GPU {name!r} asks for {count} GPUs in one container, but these models fit on one. "
            "To read more pages per second, set MAX_CONTAINERS."
        )
    for gpu in _all_gpus():
        if wanted in (known.lower() for known in (gpu.name, *gpu.aliases)):
            return gpu
    known = sentence_list((gpu.name for gpu in gpus()), "and")
    raise UsageError(f"Unknown GPU {name!r}. Modal rents {known}.")


def sentence_list(names: Iterable[str], conjunction: Literal["and", "or"]) -> str:
    """Join names as a sentence does: `H100, H200 or B200`."""
    *others, last = names
    return f"{', '.join(others)} {conjunction} {last}" if others else last


def _gpu(row: dict[str, Any]) -> Gpu:
    nested = {
        "aliases": tuple(row.get("aliases", ())),
        "evidence": GpuEvidence(**row["evidence"]),
    }
    return Gpu(**row | nested)
