"""Rebuild the Hugging Face folder of the pocket model from its GGUF files.

The repository keeps the weights once, as Q8_0 for llama.cpp. vLLM and transformers want a
checkpoint folder: this dequantises the weights (about a second) beside a copy of the configuration.

    python -m pocket.restore_checkpoint build/pocket
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize
from numpy.typing import NDArray
from safetensors.numpy import save_file

from pocket.tensor_names import from_gguf, is_rotated

MODEL = Path(__file__).parents[1] / "models" / "pocket"
_CONFIGURATION = ("*.json", "*.jinja")


def restore(source: Path, target: Path) -> None:
    """Write `target` as a checkpoint folder with float32 weights."""
    config = json.loads((source / "config.json").read_text())
    heads = config["vision_config"]["num_attention_heads"]
    tensors = {}
    for file in ("model.gguf", "mmproj.gguf"):
        for tensor in GGUFReader(source / file).tensors:
            key = from_gguf(tensor.name)
            weights = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
            # GGUF gives dimensions fastest first.
            weights = weights.reshape(tuple(int(size) for size in reversed(tensor.shape)))
            tensors[key] = _half_split(weights, heads) if is_rotated(key) else weights
    target.mkdir(parents=True, exist_ok=True)
    for pattern in _CONFIGURATION:
        for path in source.glob(pattern):
            shutil.copy(path, target)
    # The loader maps weights by their family's layout, whatever the file says of its origin.
    save_file(tensors, target / "model.safetensors", {"format": "pt"})


def _half_split(weights: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of each head from interleaved pairs to halves: the inverse of `export_gguf`."""
    rows, columns = weights.shape
    pairs = weights.reshape(heads, rows // heads // 2, 2, columns)
    return np.ascontiguousarray(pairs.transpose(0, 2, 1, 3)).reshape(rows, columns)


if __name__ == "__main__":
    restore(MODEL, Path(sys.argv[1]))
