"""Put trained weights into a Hugging Face checkpoint folder.

    python -m pocket.export build/run/average.safetensors build/pocket/start build/checkpoint

The configuration, tokenizer and chat template are those of the folder that training started from:
it carries `rope_theta` and no `rope_parameters` for the picture encoder, as every version of
transformers and vLLM can read.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from pocket.model import PocketModel, Shape

CONFIGURATION = ("*.json", "*.jinja")


def export(weights: Path, configuration: Path, target: Path) -> None:
    """Write `target`; ValueError if the weights are not those of the configured model."""
    shape = Shape.of(json.loads((configuration / "config.json").read_text()))
    with torch.device("meta"):
        expected = {name: w.shape for name, w in PocketModel(shape).state_dict().items()}
    tensors = {name: w.float().contiguous() for name, w in load_file(weights).items()}
    if {name: w.shape for name, w in tensors.items()} != expected:
        raise ValueError(
            f"{weights} does not fit {configuration / 'config.json'}: export with the "
            "configuration that training started from."
        )
    broken = [name for name, w in tensors.items() if not torch.isfinite(w).all()]
    if broken:
        raise ValueError(f"{weights}: {broken[0]} is not finite; export an earlier checkpoint.")
    target.mkdir(parents=True, exist_ok=True)
    for pattern in CONFIGURATION:
        for path in configuration.glob(pattern):
            shutil.copy(path, target)
    save_file(tensors, target / "model.safetensors", {"format": "pt"})


if __name__ == "__main__":
    export(*map(Path, sys.argv[1:4]))
