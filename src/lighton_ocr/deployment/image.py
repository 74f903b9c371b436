"""The container's image and volumes, as Modal builds and mounts them."""

from pathlib import Path, PurePosixPath

import modal

from lighton_ocr.deployment.settings import BATCH_VOLUME, Settings
from lighton_ocr.engines.vllm.version import PINNED_VLLM, VERSION_VARIABLE, lighton_ocr_version

VLLM = f"vllm=={PINNED_VLLM}"
# vLLM 0.32.0's own requirement, repeated so that nothing else in the image changes it.
TRANSFORMERS = "transformers>=5.16.1,<5.20"
CUDA = "nvidia/cuda:13.0.1-devel-ubuntu24.04"
# Needed to read a batch in the container; pyproject.toml has the same lines.
READING = ("openai>=3.50", "httpx2>=2.16", "anyio>=4.12", "pypdfium2>=5.15", "pillow>=12")
CACHE = "/root/.cache/vllm"  # where vLLM itself caches compiled code
# Parts of this package that the container does not use.
NOT_SHIPPED = {"cli", "bench", "check", "planner", "formats", "weights", "examples"}


def image(settings: Settings) -> modal.Image:
    """Describe the image: CUDA with a compiler, vLLM, the settings, and this package's core.

    A container imports the app again and sees only its image's environment, so every setting of the
    shell that deploys is written into it, and with it the version of lighton-ocr.
    """
    return (
        modal.Image.from_registry(CUDA, add_python="3.12")
        .entrypoint([])
        .uv_pip_install(VLLM, TRANSFORMERS, *READING)
        .env({"HF_XET_HIGH_PERFORMANCE": "1", "VLLM_NO_USAGE_STATS": "1"})
        # Triton's kernels are cached too: a start on an H200 took 102 s with them, 130 s without.
        .env({"TRITON_CACHE_DIR": f"{CACHE}/triton"})
        .env(settings.to_env() | {VERSION_VARIABLE: lighton_ocr_version()})
        .add_local_python_source("lighton_ocr", ignore=_is_not_shipped)
    )


def volumes() -> dict[str | PurePosixPath, modal.Volume | modal.CloudBucketMount]:
    """Return the volumes that cache weights and compiled kernels between starts."""
    return {
        "/root/.cache/huggingface": _volume("huggingface-cache"),
        CACHE: _volume("vllm-cache"),
    }


def batch_volume() -> modal.Volume:
    """Return the volume for documents and results of batches: version 2, for many writers."""
    return modal.Volume.from_name(BATCH_VOLUME, create_if_missing=True, version=2)


def _volume(name: str) -> modal.Volume:
    return modal.Volume.from_name(name, create_if_missing=True)


def _is_not_shipped(path: Path) -> bool:
    return path.parts[0] in NOT_SHIPPED or path.suffix not in {".py", ".toml"}
