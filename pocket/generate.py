"""Greedy reading with the training model, many pages at once: for measuring on a GPU.

    python -m pocket.generate CHECKPOINT PAGES TARGET [clean] [scan] …

CHECKPOINT is a Hugging Face folder, PAGES a folder of pictures, TARGET the JSON file that gets
name -> text. Products read through llama.cpp or vLLM; the text is the same but for rounding
(bfloat16 here). Where the product is not installed, `PYTHONPATH=src` is enough.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from pocket.model import HEAD, PocketModel, Shape, TextBlock, rotate
from pocket.prompts import IM_END, prompts
from pocket.samples import GEOMETRY, Sample, scan
from pocket.wear import DEVIATION, MEAN

MOST_TOKENS = 2600
Angles = tuple[Tensor, Tensor]


class Cache:
    """Keys and values (batch, heads, most, HEAD) of one decoder layer."""

    def __init__(self, batch: int, heads: int, most: int, like: Tensor) -> None:
        self.keys = like.new_zeros(batch, heads, most, HEAD)
        self.values = like.new_zeros(batch, heads, most, HEAD)

    def run(self, block: TextBlock, x: Tensor, angles: Angles, start: int) -> Tensor:
        """The block on x (batch, length, width), whose first position is `start`."""
        batch, length, width = x.shape
        a, y = block.self_attn, block.input_layernorm(x)
        end = start + length
        q = a.q_norm(a.q_proj(y).view(batch, length, a.heads, HEAD)).transpose(1, 2)
        k = a.k_norm(a.k_proj(y).view(batch, length, a.kv_heads, HEAD)).transpose(1, 2)
        self.keys[:, :, start:end] = rotate(k, angles)
        v = a.v_proj(y).view(batch, length, a.kv_heads, HEAD)
        self.values[:, :, start:end] = v.transpose(1, 2)
        shared = a.heads // a.kv_heads
        keys, values = (
            t[:, :, :end].repeat_interleave(shared, 1) for t in (self.keys, self.values)
        )
        out = F.scaled_dot_product_attention(rotate(q, angles), keys, values, is_causal=length > 1)
        x = x + a.o_proj(out.transpose(1, 2).reshape(batch, length, width))
        return x + block.mlp(block.post_attention_layernorm(x))  # type: ignore[no-any-return]


@torch.inference_mode()
def generate(
    model: PocketModel, pixels: Tensor, prompt: tuple[list[int], list[int]], most: int
) -> list[list[int]]:
    """Token ids for normalised pictures (batch, 3, height, width) of one size, without the end."""
    text = model.model.language_model
    batch, weight = len(pixels), text.embed_tokens.weight
    picture = model.model.vision_projection(model.model.vision_encoder(pixels))
    before, after = (
        text.embed_tokens(torch.tensor([ids], device=weight.device)).expand(batch, -1, -1)
        for ids in prompt
    )
    x = torch.cat((before, picture, after), 1)
    total, head = x.shape[1] + most, weight.float()
    angles = _angles(total, x)
    caches = [Cache(batch, block.self_attn.kv_heads, total, x) for block in text.layers]
    said = torch.full((batch, most), IM_END, device=weight.device)
    done = torch.zeros(batch, dtype=torch.bool, device=weight.device)
    start = 0
    for step in range(most):
        end = start + x.shape[1]
        here = (angles[0][start:end], angles[1][start:end])
        for block, cache in zip(text.layers, caches, strict=True):
            x = cache.run(block, x, here, start)
        start = end
        token = F.linear(text.norm(x[:, -1]).float(), head).argmax(-1)
        done |= token == IM_END
        said[:, step] = torch.where(done, IM_END, token)
        if step % 50 == 0 and bool(done.all()):
            break
        x = text.embed_tokens(token)[:, None]
    rows = said.tolist()
    return [row[: row.index(IM_END)] if IM_END in row else row for row in rows]


def _angles(length: int, like: Tensor) -> Angles:
    steps = torch.arange(0, HEAD, 2, device=like.device).float()
    positions = torch.arange(length, device=like.device).float()
    angle = positions.outer(1e6 ** (-steps / HEAD)).repeat(1, 2)
    return angle.cos().to(like.dtype), angle.sin().to(like.dtype)


def read(checkpoint: Path, pages: dict[str, Image.Image], batch: int = 256) -> dict[str, str]:
    """Each page's text; pages of one size are read together."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    config = json.loads((checkpoint / "config.json").read_text())
    kind = torch.bfloat16 if device.type == "cuda" else torch.float32
    model = PocketModel(Shape.of(config)).to(device, kind)
    model.load_state_dict(load_file(checkpoint / "model.safetensors"))
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    form = prompts(tokenizer)[0]
    sizes: dict[tuple[int, int], list[tuple[str, Image.Image]]] = defaultdict(list)
    for name, page in pages.items():
        picture = fitted(page)
        sizes[picture.size].append((name, picture))
    texts: dict[str, str] = {}
    for same in sizes.values():
        for at in range(0, len(same), batch):
            chosen = same[at : at + batch]
            pixels = torch.stack([_normalised(picture) for _, picture in chosen])
            for (name, _), ids in zip(
                chosen,
                generate(model, pixels.to(device, kind), form, MOST_TOKENS),
                strict=True,
            ):
                texts[name] = tokenizer.decode(ids, skip_special_tokens=False)
    return texts


def fitted(image: Image.Image) -> Image.Image:
    """The page in the size in which the product sends it."""
    size = GEOMETRY.fit(*image.size)
    return image.convert("RGB").resize(size, Image.Resampling.BICUBIC)


def _normalised(picture: Image.Image) -> Tensor:
    raw = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    pixels = raw.view(picture.height, picture.width, 3).permute(2, 0, 1).float() / 255
    mean, deviation = (torch.tensor(values).view(3, 1, 1) for values in (MEAN, DEVIATION))
    return (pixels - mean) / deviation


def main(checkpoint: str, pages: str, target: str, *kinds: str) -> None:
    found: dict[str, Image.Image] = {}
    for path in sorted(Path(pages).glob("*.*")):
        sample = Sample(path.stem, "text", Image.open(path), "")
        if "clean" in kinds:
            found[sample.name] = sample.image
        if "scan" in kinds:
            worn = scan(sample)
            found[worn.name] = worn.image
    texts = read(Path(checkpoint), found)
    Path(target).write_text(json.dumps(texts, ensure_ascii=False), encoding="utf8")


if __name__ == "__main__":
    main(*sys.argv[1:])
