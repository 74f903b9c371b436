"""What Modal builds and mounts for a deployment."""

from pathlib import Path

import modal

from lighton_ocr.deployment.settings import BATCH_VOLUME, Settings

VLLM = "vllm==0.32.0"
# What vLLM 0.32.0 itself asks for; said here so that nothing else in the image can move it.
TRANSFORMERS = "transformers>=5.16.1,<5.20"
CUDA = "nvidia/cuda:13.0.1-devel-ubuntu24.04"
# What reading a batch in the container needs; pyproject.toml has the same lines.
READING = ("openai>=3.50", "httpx2>=2.16", "anyio>=4.12", "pypdfium2>=5.15", "pillow>=12")
CACHE = "/root/.cache/vllm"  # where vLLM itself keeps compiled code
# Of this package the container needs all but what faces people.
NOT_SHIPPED = {"cli", "bench", "check", "planner", "formats", "weights", "examples"}


def image(settings: Settings) -> modal.Image:
    """The container's image: CUDA with a compiler, vLLM, every setting, and this package's core.

    A container imports the app afresh and sees only its image's environment, so each setting of the
    deploying shell is written into it.
    """
    return (
        modal.Image.from_registry(CUDA, add_python="3.12")
        .entrypoint([])
        .uv_pip_install(VLLM, TRANSFORMERS, *READING)
        .env({"HF_XET_HIGH_PERFORMANCE": "1", "VLLM_NO_USAGE_STATS": "1"})
        # Triton's kernels as well: a start on an H200 took 102 s with them kept, 130 s without.
        .env({"TRITON_CACHE_DIR": f"{CACHE}/triton"})
        .env(settings.to_env())
        .add_local_python_source("lighton_ocr", ignore=_not_shipped)
    )


def volumes() -> dict[str | Path, modal.Volume | modal.CloudBucketMount]:
    """Weights and compiled kernels, kept from one start to the next."""
    return {
        "/root/.cache/huggingface": _volume("huggingface-cache"),
        CACHE: _volume("vllm-cache"),
    }


def batch_volume() -> modal.Volume:
    """Documents and results of batches; many containers write to it, which takes version 2."""
    return modal.Volume.from_name(BATCH_VOLUME, create_if_missing=True, version=2)


def _volume(name: str) -> modal.Volume:
    return modal.Volume.from_name(name, create_if_missing=True)


def _not_shipped(path: Path) -> bool:
    return path.parts[0] in NOT_SHIPPED or path.suffix not in {".py", ".toml"}
