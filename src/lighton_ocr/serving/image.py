"""What Modal builds and mounts for a deployment."""

from pathlib import Path

import modal

from lighton_ocr.serving.settings import Settings

VLLM = "vllm==0.32.0"
# What vLLM 0.32.0 itself asks for; said here so that nothing else in the image can move it.
TRANSFORMERS = "transformers>=5.16.1,<5.20"
CUDA = "nvidia/cuda:13.0.1-devel-ubuntu24.04"
# Of this package the container needs these, and no library beyond Python's own.
SHIPPED = {"__init__.py", "errors.py", "catalog", "serving"}


def image(settings: Settings) -> modal.Image:
    """The container's image: CUDA with a compiler, vLLM, every setting, and this package's core.

    A container imports the app afresh and sees only its image's environment, so each setting of the
    deploying shell is written into it.
    """
    return (
        modal.Image.from_registry(CUDA, add_python="3.12")
        .entrypoint([])
        .uv_pip_install(VLLM, TRANSFORMERS)
        .env({"HF_XET_HIGH_PERFORMANCE": "1", "VLLM_NO_USAGE_STATS": "1"})
        .env(settings.to_env())
        .add_local_python_source("lighton_ocr", ignore=_not_shipped)
    )


def volumes() -> dict[str | Path, modal.Volume | modal.CloudBucketMount]:
    """Weights and compiled kernels, kept from one start to the next."""
    return {
        "/root/.cache/huggingface": _volume("huggingface-cache"),
        "/root/.cache/vllm": _volume("vllm-cache"),
    }


def _volume(name: str) -> modal.Volume:
    return modal.Volume.from_name(name, create_if_missing=True)


def _not_shipped(path: Path) -> bool:
    return path.parts[0] not in SHIPPED or path.suffix not in {".py", ".toml"}
