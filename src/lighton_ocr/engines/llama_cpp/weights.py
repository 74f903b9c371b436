"""The GGUF files that the embedded engine loads, from the package or from the model hub."""

import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from lighton_ocr._access import describe_os_error
from lighton_ocr.catalog import Model
from lighton_ocr.catalog.models import POCKET
from lighton_ocr.errors import WeightsMissing

PRECISION = "Q8_0"  # of the weights, in the terms of GGUF
_PACKAGE = Path(__file__).parents[2]
# The files are inside an installed package, and at the root of a checkout.
_SHIPPED = (_PACKAGE / "weights" / "pocket", _PACKAGE.parents[1] / "models" / "pocket")
_FILES = "*Q8_0.gguf"  # matches mmproj-…-Q8_0.gguf as well
_OFFLINE = "The model `pocket` works without a network: leave --model out."


@dataclass(frozen=True)
class Weights:
    """The two files of a model: its decoder, and its image encoder with the projector."""

    model: Path
    mmproj: Path


def find_weights(model: Model) -> Weights:
    """Return the model's files, downloaded into the hub's cache if they are not there yet.

    The hub client shows a progress bar, resumes downloads that were interrupted, and locks each
    file: two processes can ask at once, and a killed download leaves no file that looks complete.

    Raises:
        WeightsMissing: the model has no GGUF files, or they cannot be downloaded.
    """
    if model.id == POCKET:
        return _pocket()
    return _choose(_fetch(gguf_repository(model)), model)


def gguf_repository(model: Model) -> str:
    """Return the hub repository with the model's GGUF files.

    Raises:
        WeightsMissing: there is none.
    """
    if model.gguf is None:
        raise WeightsMissing(
            f"{model.id} is not published as GGUF, so the embedded engine cannot run it. Serve it "
            "with vLLM (`make deploy`) and read with --url."
        )
    return model.gguf


def is_on_this_machine(model: Model) -> bool:
    """Whether the embedded engine can start the model without a download."""
    from huggingface_hub import snapshot_download

    if model.id == POCKET:
        return True
    if model.gguf is None:
        return False
    try:
        folder = snapshot_download(model.gguf, allow_patterns=_FILES, local_files_only=True)
        _choose(Path(folder), model)
    except (OSError, WeightsMissing):  # the hub's client raises a kind of OSError
        return False
    return True


def hub_folder() -> Path:
    """Return the folder in which the hub's client keeps downloaded weights."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return Path(HF_HUB_CACHE)


def _pocket() -> Weights:
    for folder in _SHIPPED:
        weights = Weights(folder / "model.gguf", folder / "mmproj.gguf")
        if weights.model.is_file() and weights.mmproj.is_file():
            return weights
    raise WeightsMissing(
        "The pocket model's files are missing from this installation. Install lighton-ocr again."
    )


def _fetch(repository: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from huggingface_hub.utils.tqdm import disable_progress_bars, enable_progress_bars

    if sys.stderr.isatty():
        enable_progress_bars()
    else:
        disable_progress_bars()
    try:
        # If the hub cannot be reached, cached files are used.
        return Path(snapshot_download(repository, allow_patterns=_FILES))
    except PermissionError as error:
        cache = hub_folder()
        raise WeightsMissing(
            f"{cache}, where weights are kept, cannot be used: {describe_os_error(error, cache)}. "
            f"Or set HF_HOME to a folder of your own. {_OFFLINE}"
        ) from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise WeightsMissing(
            f"The weights of {repository} are not on this machine, and the model hub cannot be "
            f"reached or refuses the download ({type(error).__name__}). {_OFFLINE} Or copy "
            f"{_cached_name(repository)} to {hub_folder()} from a machine that has it."
        ) from error


def _cached_name(repository: str) -> str:
    return f"models--{repository.replace('/', '--')}"


def _choose(folder: Path, model: Model) -> Weights:
    files = sorted(folder.glob("*.gguf"))
    mmproj = [file for file in files if fnmatch(file.name, "mmproj*Q8_0.gguf")]
    text = [file for file in files if file not in mmproj and fnmatch(file.name, "*Q8_0.gguf")]
    if not mmproj or not text:
        raise WeightsMissing(
            f"{model.gguf} does not contain both *Q8_0.gguf and mmproj*Q8_0.gguf "
            f"(found: {', '.join(file.name for file in files) or 'nothing'}). {_OFFLINE}"
        )
    return Weights(text[0], mmproj[0])
