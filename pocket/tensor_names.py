"""Names of the same tensors in a Hugging Face checkpoint and in llama.cpp's two GGUF files.

Sources: the checkpoint's own keys, and `gguf.constants.TENSOR_NAMES` for the architectures `qwen3`
and `clip` (projector `lightonocr`).
"""

import re

_TEXT = {
    "embed_tokens": "token_embd",
    "norm": "output_norm",
    "layers.#.input_layernorm": "blk.#.attn_norm",
    "layers.#.post_attention_layernorm": "blk.#.ffn_norm",
    "layers.#.self_attn.q_proj": "blk.#.attn_q",
    "layers.#.self_attn.k_proj": "blk.#.attn_k",
    "layers.#.self_attn.v_proj": "blk.#.attn_v",
    "layers.#.self_attn.o_proj": "blk.#.attn_output",
    "layers.#.self_attn.q_norm": "blk.#.attn_q_norm",
    "layers.#.self_attn.k_norm": "blk.#.attn_k_norm",
    "layers.#.mlp.gate_proj": "blk.#.ffn_gate",
    "layers.#.mlp.up_proj": "blk.#.ffn_up",
    "layers.#.mlp.down_proj": "blk.#.ffn_down",
}
_VISION = {
    "patch_conv": "v.patch_embd",
    "ln_pre": "v.pre_ln",
    "transformer.layers.#.attention_norm": "v.blk.#.ln1",
    "transformer.layers.#.ffn_norm": "v.blk.#.ln2",
    "transformer.layers.#.attention.q_proj": "v.blk.#.attn_q",
    "transformer.layers.#.attention.k_proj": "v.blk.#.attn_k",
    "transformer.layers.#.attention.v_proj": "v.blk.#.attn_v",
    "transformer.layers.#.attention.o_proj": "v.blk.#.attn_out",
    "transformer.layers.#.feed_forward.gate_proj": "v.blk.#.ffn_gate",
    "transformer.layers.#.feed_forward.up_proj": "v.blk.#.ffn_up",
    "transformer.layers.#.feed_forward.down_proj": "v.blk.#.ffn_down",
}
_PROJECTION = {
    "norm": "mm.input_norm",
    "patch_merger.merging_layer": "mm.patch_merger",
    "linear_1": "mm.1",
    "linear_2": "mm.2",
}
_TO_GGUF = {
    **{f"model.language_model.{key}": name for key, name in _TEXT.items()},
    **{f"model.vision_encoder.{key}": name for key, name in _VISION.items()},
    **{f"model.vision_projection.{key}": name for key, name in _PROJECTION.items()},
}
_FROM_GGUF = {name: key for key, name in _TO_GGUF.items()}
_LAYER = re.compile(r"(?<=\.)\d+(?=\.(?!weight))")


def to_gguf(key: str) -> str:
    """The GGUF name of a checkpoint's tensor; KeyError for one that no LightOnOCR model has."""
    return _renamed(key, _TO_GGUF)


def from_gguf(name: str) -> str:
    """The checkpoint's key of a tensor in a GGUF file; KeyError as in `to_gguf`."""
    return _renamed(name, _FROM_GGUF)


def is_rotated(key: str) -> bool:
    """Whether a checkpoint's tensor is a query or key projection of the picture encoder.

    Pixtral in transformers rotates half against half, llama.cpp neighbouring pairs: the rows of
    these tensors are in another order there.
    """
    return "vision_encoder" in key and key.endswith(("q_proj.weight", "k_proj.weight"))


def _renamed(name: str, table: dict[str, str]) -> str:
    stem = name.removesuffix(".weight")
    layer = _LAYER.search(name)
    if layer is None:
        return table[stem] + ".weight"
    pattern = stem[: layer.start()] + "#" + stem[layer.end() :]
    return table[pattern].replace("#", layer.group()) + ".weight"
