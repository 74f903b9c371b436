"""A model's weights on the volume: fetched once, by a container without a GPU.

The hub is contacted only while they are missing. Containers with a GPU never contact it: each would
download gigabytes at the GPU's price.
"""

import os
from pathlib import Path

from lighton_ocr.catalog import Model
from lighton_ocr.errors import EngineFailed

_COMPLETE = "complete"  # folder with a file for each checkpoint that is there as a whole


def fetch(model: Model) -> bool:
    """Fetch the weights, with progress on standard error; return False if they were there.

    A token is taken from HF_TOKEN. An interrupted download is continued by the next.

    Raises:
        EngineFailed: the hub refuses them or cannot be reached, or vLLM could not load them.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    if marker(model).exists():
        return False
    try:
        folder = snapshot_download(model.id, revision=model.revision, cache_dir=_home() / "hub")
    except (HfHubHTTPError, OSError) as error:
        raise EngineFailed(
            f"The weights of {model.id} ({model.revision}) cannot be fetched: {error} If they are "
            "private or gated, set HF_SECRET to the Modal Secret that has your HF_TOKEN."
        ) from error
    _check_whole(model, Path(folder))
    marker(model).parent.mkdir(parents=True, exist_ok=True)
    marker(model).touch()
    return True


def _check_whole(model: Model, folder: Path) -> None:
    # vLLM would find out on a GPU, again and again: Modal repeats a start that fails.
    for wanted in ("config.json", "*.safetensors"):
        if not any(folder.glob(wanted)):
            raise EngineFailed(
                f"{model.id} ({model.revision}) has no {wanted}, so it is not a whole checkpoint. "
                "If it is an adapter (LoRA), merge it into the model that it was trained on, and "
                "deploy the result."
            )


def require(model: Model) -> None:
    """Check that the weights are there.

    Raises:
        EngineFailed: they are not.
    """
    if not marker(model).exists():
        raise EngineFailed(
            f"The weights of {model.id} ({model.revision}) are not on the volume. Run, with the "
            "settings of the deployment: make weights"
        )


def _home() -> Path:
    return Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")


def marker(model: Model) -> Path:
    """Return the file that exists if the weights are there as a whole."""
    name = f"{model.id}@{model.revision}".replace("/", "--")
    return _home() / _COMPLETE / name
