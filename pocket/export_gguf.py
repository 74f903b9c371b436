"""Write a checkpoint folder as the two GGUF files that llama.cpp reads: text model and encoder.

    python -m pocket.export_gguf build/checkpoint build/gguf

Matrices become Q8_0 (8 bits and a scale for every 32 weights), the patch convolution float16,
vectors stay float32. `restore_checkpoint` is the way back.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, TokenType
from numpy.typing import NDArray
from safetensors.numpy import load_file

from pocket.tensor_names import is_rotated, to_gguf

NAME = "lighton-ocr-pocket"
_NORM_EPSILON = 1e-5  # of the encoder: fixed in Pixtral's code, not in its configuration

Config = dict[str, Any]
Tensors = dict[str, NDArray[np.float32]]


def export(source: Path, target: Path) -> None:
    """Write `model.gguf` and `mmproj.gguf` into `target`."""
    config = json.loads((source / "config.json").read_text())
    tensors = load_file(source / "model.safetensors")
    target.mkdir(parents=True, exist_ok=True)
    is_text: Callable[[str], bool] = lambda key: key.startswith("model.language_model.")  # noqa: E731
    text = {key: weights for key, weights in tensors.items() if is_text(key)}
    encoder = {key: weights for key, weights in tensors.items() if not is_text(key)}
    _write(_text_writer(source, target / "model.gguf", config["text_config"]), text, 0)
    heads = config["vision_config"]["num_attention_heads"]
    _write(_encoder_writer(source, target / "mmproj.gguf", config), encoder, heads)


def _text_writer(source: Path, path: Path, shape: Config) -> GGUFWriter:
    writer = GGUFWriter(path, "qwen3")
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(NAME)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_block_count(shape["num_hidden_layers"])
    writer.add_context_length(shape["max_position_embeddings"])
    writer.add_embedding_length(shape["hidden_size"])
    writer.add_feed_forward_length(shape["intermediate_size"])
    writer.add_head_count(shape["num_attention_heads"])
    writer.add_head_count_kv(shape["num_key_value_heads"])
    writer.add_key_length(shape["head_dim"])
    writer.add_value_length(shape["head_dim"])
    writer.add_layer_norm_rms_eps(shape["rms_norm_eps"])
    writer.add_rope_freq_base(shape["rope_parameters"]["rope_theta"])
    _add_tokenizer(writer, json.loads((source / "tokenizer.json").read_text("utf8")), shape)
    writer.add_chat_template((source / "chat_template.jinja").read_text())
    return writer


def _add_tokenizer(writer: GGUFWriter, tokenizer: Config, shape: Config) -> None:
    special = {token["id"]: token["content"] for token in tokenizer["added_tokens"]}
    words = {number: word for word, number in tokenizer["model"]["vocab"].items()} | special
    numbers = range(shape["vocab_size"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([words[number] for number in numbers])
    writer.add_token_types(
        [TokenType.CONTROL if number in special else TokenType.NORMAL for number in numbers]
    )
    merges = tokenizer["model"]["merges"]
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    writer.add_eos_token_id(shape["eos_token_id"])
    writer.add_pad_token_id(shape["pad_token_id"])
    writer.add_bos_token_id(shape["pad_token_id"])
    writer.add_add_bos_token(False)


def _encoder_writer(source: Path, path: Path, config: Config) -> GGUFWriter:
    shape = config["vision_config"]
    processor = json.loads((source / "preprocessor_config.json").read_text())
    writer = GGUFWriter(path, "clip")
    writer.add_type(gguf.GGUFType.MMPROJ)
    writer.add_name(NAME)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("lightonocr")
    writer.add_vision_image_size(processor["size"]["longest_edge"])
    writer.add_vision_patch_size(shape["patch_size"])
    writer.add_vision_embedding_length(shape["hidden_size"])
    writer.add_vision_feed_forward_length(shape["intermediate_size"])
    writer.add_vision_block_count(shape["num_hidden_layers"])
    writer.add_vision_head_count(shape["num_attention_heads"])
    writer.add_vision_projection_dim(config["text_config"]["hidden_size"])
    writer.add_vision_attention_layernorm_eps(_NORM_EPSILON)
    writer.add_vision_image_mean(processor["image_mean"])
    writer.add_vision_image_std(processor["image_std"])
    writer.add_vision_spatial_merge_size(config["spatial_merge_size"])
    writer.add_vision_use_silu(True)
    return writer


def _write(writer: GGUFWriter, tensors: Tensors, heads: int) -> None:
    for key, weights in sorted(tensors.items()):
        if is_rotated(key):
            weights = _interleaved(weights, heads)  # noqa: PLW2901
        if weights.ndim == 2:
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor(to_gguf(key), gguf.quants.quantize(weights, kind), raw_dtype=kind)
        else:
            half = weights.ndim == 4
            writer.add_tensor(to_gguf(key), weights.astype(np.float16 if half else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _interleaved(weights: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of each head from halves to pairs: llama.cpp rotates neighbours, Pixtral halves."""
    rows, columns = weights.shape
    halves = weights.reshape(heads, 2, rows // heads // 2, columns)
    return np.ascontiguousarray(halves.transpose(0, 2, 1, 3)).reshape(rows, columns)


if __name__ == "__main__":
    export(*map(Path, sys.argv[1:3]))
