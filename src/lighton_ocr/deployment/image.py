"""The container's image, volumes and environment, as Modal builds and mounts them."""

from pathlib import Path, PurePosixPath

import modal

from lighton_ocr._examples import INVOICE, LETTER, PAPER, example
from lighton_ocr.deployment.settings import BATCH_VOLUME, Settings
from lighton_ocr.engines.vllm.version import VERSION_VARIABLE, lighton_ocr_version

# By its full tag: its digest is not known here.
CUDA = "nvidia/cuda:13.0.1-devel-ubuntu24.04"
PYTHON = "3.12"
UV = "0.13.9"
# Every package of the image, with hashes; `make lock` writes it. It is not in the container.
REQUIREMENTS = Path(__file__).parents[3] / "requirements" / "container.txt"
WEIGHTS = "/root/.cache/huggingface"
CACHE = "/root/.cache/vllm"  # where vLLM itself caches compiled code
PACKAGE = "/root/lighton_ocr"
# Parts of this package that the container does not use.
NOT_SHIPPED = {"cli", "bench", "check", "mcp", "weights", "examples"}

Volumes = dict[str | PurePosixPath, modal.Volume | modal.CloudBucketMount]


def image(settings: Settings, *, offline: bool = True) -> modal.Image:
    """Describe the image: CUDA with a compiler, vLLM, the settings, and the core of this package.

    With `offline`, the model hub is never asked.
    """
    described = (
        modal.Image.from_registry(CUDA, add_python=PYTHON)
        .entrypoint([])
        .uv_pip_install(
            requirements=[str(REQUIREMENTS)],
            extra_options="--require-hashes --no-deps",
            uv_version=UV,
        )
        .env(environment(settings, offline=offline))
        .add_local_python_source("lighton_ocr", ignore=_is_not_shipped)
    )
    for name in (LETTER, INVOICE, PAPER):  # in a checkout, they are not in the package's folder
        described = described.add_local_file(example(name), f"{PACKAGE}/examples/{name}")
    return described


def environment(settings: Settings, *, offline: bool = True) -> dict[str, str]:
    """Return the environment of the image.

    A container imports the app again and sees only this, so every setting of the shell that deploys
    is in it, and with it the version of lighton-ocr.
    """
    return {
        "HF_XET_HIGH_PERFORMANCE": "1",
        "HF_HUB_OFFLINE": str(int(offline)),
        "VLLM_NO_USAGE_STATS": "1",
        # Triton's kernels are cached too: a start on an H200 took 102 s with them, 130 s without.
        "TRITON_CACHE_DIR": f"{CACHE}/triton",
        VERSION_VARIABLE: lighton_ocr_version(),
        **settings.to_env(),
    }


def weights_volume() -> modal.Volume:
    """Return the volume for the weights of all models."""
    return _volume("lighton-ocr-weights")


def code_volume(settings: Settings) -> modal.Volume:
    """Return the volume for compiled code.

    Snapshots have their own: restoring one fails if a file that it had open was deleted meanwhile.
    """
    return _volume("lighton-ocr-snapshot-code" if settings.snapshot else "lighton-ocr-code")


def batch_volume() -> modal.Volume:
    """Return the volume for documents and results of batches."""
    return _volume(BATCH_VOLUME)


def _volume(name: str) -> modal.Volume:
    # Version 2 allows many containers to write at a time.
    return modal.Volume.from_name(name, create_if_missing=True, version=2)


def _is_not_shipped(path: Path) -> bool:
    return path.parts[0] in NOT_SHIPPED or "__pycache__" in path.parts
