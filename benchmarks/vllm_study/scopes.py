"""Name the encoder and the sampler in vLLM's profiles; loaded with `--worker-extension-cls`.

vLLM itself names only the steps of the engine.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from benchmarks.vllm_study.trace import ENCODER, SAMPLING
from torch.profiler import record_function
from vllm.v1.worker.gpu.mm.encoder_runner import EncoderRunner
from vllm.v1.worker.gpu_model_runner import GPUModelRunner
from vllm.v1.worker.gpu_worker import Worker


class Scopes:
    """Adds nothing to a worker; it is enough that its module is loaded there."""


def _name(owner: type, method: str, scope: str) -> None:
    original: Callable[..., Any] = getattr(owner, method)

    @wraps(original)
    def named(*args: Any, **options: Any) -> Any:
        with record_function(scope):
            return original(*args, **options)

    setattr(owner, method, named)


_name(EncoderRunner, "execute_mm_encoder", ENCODER)
_name(GPUModelRunner, "_execute_mm_encoder", ENCODER)  # if the newer one is not in use
_name(Worker, "sample_tokens", SAMPLING)
