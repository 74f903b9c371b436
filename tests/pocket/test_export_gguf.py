"""From GGUF to a checkpoint folder and back again nothing is lost."""

from pathlib import Path

import numpy as np
from gguf import GGUFReader, ReaderTensor
from gguf.quants import dequantize
from numpy.typing import NDArray
from pocket.export_gguf import export
from pocket.restore_checkpoint import MODEL, restore
from safetensors.numpy import load_file


def values(tensor: ReaderTensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = dequantize(tensor.data, tensor.tensor_type)
    return found


def test_there_and_back_again(tmp_path: Path) -> None:
    restore(MODEL, tmp_path / "checkpoint")
    export(tmp_path / "checkpoint", tmp_path)
    for name in ("model.gguf", "mmproj.gguf"):
        shipped, written = GGUFReader(MODEL / name), GGUFReader(tmp_path / name)
        before = {tensor.name: tensor for tensor in shipped.tensors}
        after = {tensor.name: tensor for tensor in written.tensors}
        assert before.keys() == after.keys()
        for key, tensor in before.items():
            assert after[key].tensor_type == tensor.tensor_type
            # Values, not bytes: where a block's scale is too small for float16, all of it is zero.
            assert np.array_equal(values(after[key]), values(tensor)), key
        fields = {
            key: (field.contents(), written.fields[key].contents())
            for key, field in shipped.fields.items()
            if key != "general.name"
        }
        assert {key for key, (old, new) in fields.items() if old != new} == set()
        assert written.fields.keys() == shipped.fields.keys()


def test_the_folder_is_the_same_again(tmp_path: Path) -> None:
    restore(MODEL, tmp_path / "one")
    export(tmp_path / "one", tmp_path / "two")
    for path in (*MODEL.glob("*.json"), *MODEL.glob("*.jinja")):
        (tmp_path / "two" / path.name).write_bytes(path.read_bytes())
    restore(tmp_path / "two", tmp_path / "three")
    one, three = (load_file(tmp_path / name / "model.safetensors") for name in ("one", "three"))
    assert all(np.array_equal(one[key], three[key]) for key in one)
