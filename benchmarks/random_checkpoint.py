"""Write a checkpoint of LightOnOCR-1B's shape with random weights, to measure speed and starts.

    python benchmarks/random_checkpoint.py POCKET TARGET

Speed does not depend on the weights if the length of the output is given. POCKET is the folder of
the pocket model's restored checkpoint, which has the same layout; the vocabulary is filled up with
meaningless words. Needs torch and transformers.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import LightOnOcrConfig, LightOnOcrForConditionalGeneration

from lighton_ocr.catalog import find_model

MODEL = find_model("1b")
TIED = "lm_head.weight"  # the same as the input embedding
SPECIALS = (
    "<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|> "
    "<|box_end|> <|quad_start|> <|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> "
    "<|image_pad|> <|video_pad|>"
).split()
WORDS = 151_643  # entries before the special ones, as in Qwen3
IDS = {token: WORDS + number for number, token in enumerate(SPECIALS)}


def write(pocket: Path, target: Path) -> None:
    """Write configuration, tokenizer and bfloat16 weights (2 GB)."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(pocket / name, target)
    _copy_json("tokenizer.json", pocket, target, _fill_vocabulary)
    _copy_json("preprocessor_config.json", pocket, target, _enlarge)
    _copy_json("processor_config.json", pocket, target, _merge)
    _copy_json("generation_config.json", pocket, target, _name_specials)
    config = json.loads((pocket / "config.json").read_text())
    _shape(config)
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = LightOnOcrForConditionalGeneration(LightOnOcrConfig.from_dict(config))
    weights = {name: w.cpu() for name, w in model.state_dict().items() if name != TIED}
    # As on the hub; save_pretrained gives some tensors names that vLLM does not know.
    save_file(weights, target / "model.safetensors", {"format": "pt"})
    (target / "config.json").write_text(json.dumps(config, indent=1))


def _copy_json(name: str, source: Path, target: Path, change: Any) -> None:
    content = json.loads((source / name).read_text())
    change(content)
    (target / name).write_text(json.dumps(content))


def _fill_vocabulary(tokenizer: dict[str, Any]) -> None:
    known = sorted(tokenizer["model"]["vocab"].items(), key=lambda entry: entry[1])
    words = [word for word, _ in known if word not in SPECIALS]
    words += [f"Ġw{number}" for number in range(len(words), WORDS)]
    tokenizer["model"]["vocab"] = {word: number for number, word in enumerate(words)}
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    tokenizer["added_tokens"] = [
        {"id": number, "content": token, "special": True} | flags for token, number in IDS.items()
    ]


def _enlarge(processor: dict[str, Any]) -> None:
    encoder = MODEL.shape.encoder
    processor["size"] = {"longest_edge": MODEL.edge}
    processor["patch_size"] = {"height": encoder.patch, "width": encoder.patch}


def _merge(processor: dict[str, Any]) -> None:
    encoder = MODEL.shape.encoder
    processor |= {"patch_size": encoder.patch, "spatial_merge_size": encoder.merge}


def _name_specials(settings: dict[str, Any]) -> None:
    settings |= {"eos_token_id": [IDS["<|im_end|>"]], "pad_token_id": IDS["<|endoftext|>"]}


def _shape(config: dict[str, Any]) -> None:
    encoder, decoder = MODEL.shape.encoder, MODEL.shape.decoder
    ends = {"eos_token_id": IDS["<|im_end|>"], "pad_token_id": IDS["<|endoftext|>"]}
    image = IDS["<|image_pad|>"]
    config |= ends | {"image_token_id": image, "image_token_index": image}
    config |= {"dtype": "bfloat16", "spatial_merge_size": encoder.merge}
    config["text_config"] |= ends | {
        "vocab_size": MODEL.vocabulary,
        "hidden_size": decoder.hidden,
        "intermediate_size": decoder.feed_forward,
        "num_hidden_layers": decoder.layers,
        "layer_types": ["full_attention"] * decoder.layers,
        "num_attention_heads": decoder.heads,
        "num_key_value_heads": decoder.kv_heads,
        "head_dim": decoder.head_size,
        "max_position_embeddings": MODEL.context,
    }
    config["vision_config"] |= {
        "hidden_size": encoder.hidden,
        "intermediate_size": encoder.feed_forward,
        "num_hidden_layers": encoder.layers,
        "num_attention_heads": encoder.hidden // 64,
        "head_dim": 64,
        "patch_size": encoder.patch,
        "image_size": MODEL.edge,
    }


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
