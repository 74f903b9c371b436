"""The GPUs that Modal rents: what each holds, how fast it is and what it costs."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lighton_ocr.errors import UsageError


@dataclass(frozen=True)
class Gpu:
    """One GPU by the name that Modal calls it.

    Memory in GB (nominal), bandwidth in GB/s, rates in dense TFLOP/s (bfloat16, or float16 where
    `bfloat16` is false), price in US dollars a second. `fp8_tflops` is None without fp8 units.
    `max_num_seqs`, `max_num_batched_tokens` and `gpu_memory_utilization` bound vLLM on it, and
    `api_servers` of its processes take requests and prepare pictures.
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
    fp8_tflops: float | None = None
    bfloat16: bool = True
    aliases: tuple[str, ...] = ()
    gpu_memory_utilization: float = 0.9
    api_servers: int = 1

    @property
    def price_per_hour(self) -> float:
        """US dollars an hour."""
        return self.price_per_second * 3600


@cache
def gpus() -> tuple[Gpu, ...]:
    """All GPUs, cheapest first."""
    text = resources.files(__package__).joinpath("gpus.toml").read_text("utf-8")
    rows = tomllib.loads(text)["gpu"]
    found = (Gpu(**row | {"aliases": tuple(row.get("aliases", ()))}) for row in rows)
    return tuple(sorted(found, key=lambda gpu: gpu.price_per_second))


def find_gpu(name: str) -> Gpu:
    """The GPU of that name or alias, in any case; `L4:1` is read as `L4`.

    Raises:
        UsageError: Modal has no such GPU, or more than one is asked for.
    """
    wanted, _, count = name.lower().partition(":")
    if count not in ("", "1"):
        raise UsageError(
            f"GPU {name!r} asks for {count} GPUs in one container, but these models fit on one. "
            "For more pages a second set MAX_CONTAINERS."
        )
    for gpu in gpus():
        if wanted in (known.lower() for known in (gpu.name, *gpu.aliases)):
            return gpu
    known = ", ".join(gpu.name for gpu in gpus())
    raise UsageError(f"Unknown GPU {name!r}. Modal rents {known}.")
