"""The pocket model: LightOnOCR's architecture, small, written for training.

Pixtral's picture encoder (2-D rotary positions), LightOnOCR's projector and a Qwen3 decoder. The
parameter names are those of the Hugging Face checkpoint, so a state dictionary is a checkpoint.
`M` below is the merge size, `h` and `w` the picture's patches down and across.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
import torch.utils.checkpoint
from torch import Tensor, nn

HEAD = 64
IGNORED = -100


@dataclass(frozen=True)
class Shape:
    """Sizes of a model; the defaults are the 32.5 M parameters of the patch-28 shape."""

    vocabulary: int = 8192
    patch: int = 28
    merge: int = 1
    vision_width: int = 512
    vision_layers: int = 6
    vision_hidden: int = 1280
    text_width: int = 384
    text_layers: int = 6
    text_hidden: int = 1024
    text_kv_heads: int = 2

    @classmethod
    def of(cls, config: dict[str, Any]) -> "Shape":
        """The sizes in a checkpoint's `config.json`."""
        vision, text = config["vision_config"], config["text_config"]
        return cls(
            vocabulary=text["vocab_size"],
            patch=vision["patch_size"],
            merge=config["spatial_merge_size"],
            vision_width=vision["hidden_size"],
            vision_layers=vision["num_hidden_layers"],
            vision_hidden=vision["intermediate_size"],
            text_width=text["hidden_size"],
            text_layers=text["num_hidden_layers"],
            text_hidden=text["intermediate_size"],
            text_kv_heads=text["num_key_value_heads"],
        )


class Norm(nn.Module):
    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, x.shape[-1:], self.weight.to(x.dtype), self.epsilon)


def linear(inputs: int, outputs: int) -> nn.Linear:
    return nn.Linear(inputs, outputs, bias=False)


def rotate(x: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary positions, half against half; `angles` are cosines and sines of (length, HEAD)."""
    cosine, sine = angles
    half = x.shape[-1] // 2
    turned = torch.cat((-x[..., half:], x[..., :half]), -1)
    return x * cosine + turned * sine


class Attention(nn.Module):
    def __init__(self, width: int, kv_heads: int, causal: bool) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.causal = width // HEAD, kv_heads, causal
        self.q_proj = linear(width, width)
        self.k_proj, self.v_proj = linear(width, kv_heads * HEAD), linear(width, kv_heads * HEAD)
        self.o_proj = linear(width, width)
        if causal:  # only the decoder normalises its queries and keys
            self.q_norm, self.k_norm = Norm(HEAD, 1e-6), Norm(HEAD, 1e-6)

    def forward(self, x: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
        batch, length, width = x.shape
        q = self.q_proj(x).view(batch, length, self.heads, HEAD)
        k = self.k_proj(x).view(batch, length, self.kv_heads, HEAD)
        v = self.v_proj(x).view(batch, length, self.kv_heads, HEAD).transpose(1, 2)
        if self.causal:
            q, k = self.q_norm(q), self.k_norm(k)
        q, k = rotate(q.transpose(1, 2), angles), rotate(k.transpose(1, 2), angles)
        if self.kv_heads != self.heads:
            k = k.repeat_interleave(self.heads // self.kv_heads, 1)
            v = v.repeat_interleave(self.heads // self.kv_heads, 1)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.o_proj(out.transpose(1, 2).reshape(batch, length, width))  # type: ignore[no-any-return]


class GatedLinear(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate_proj, self.up_proj = linear(width, hidden), linear(width, hidden)
        self.down_proj = linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))  # type: ignore[no-any-return]


class VisionBlock(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.vision_width
        self.attention_norm, self.ffn_norm = Norm(width, 1e-5), Norm(width, 1e-5)
        self.attention = Attention(width, width // HEAD, causal=False)
        self.feed_forward = GatedLinear(width, shape.vision_hidden)

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        x = x + self.attention(self.attention_norm(x), (cosine, sine))
        return x + self.feed_forward(self.ffn_norm(x))  # type: ignore[no-any-return]


class TextBlock(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.text_width
        self.input_layernorm, self.post_attention_layernorm = Norm(width, 1e-6), Norm(width, 1e-6)
        self.self_attn = Attention(width, shape.text_kv_heads, causal=True)
        self.mlp = GatedLinear(width, shape.text_hidden)

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), (cosine, sine))
        return x + self.mlp(self.post_attention_layernorm(x))  # type: ignore[no-any-return]


class Vision(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.patch = shape.patch
        self.patch_conv = nn.Conv2d(3, shape.vision_width, shape.patch, shape.patch, bias=False)
        self.ln_pre = Norm(shape.vision_width, 1e-5)
        self.transformer = nn.Module()
        self.transformer.layers = nn.ModuleList(
            VisionBlock(shape) for _ in range(shape.vision_layers)
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """Normalised pixels (batch, 3, height, width) to patches (batch, h, w, width)."""
        p = self.patch
        batch, _, height, width = pixels.shape
        h, w = height // p, width // p
        x = pixels.view(batch, 3, h, p, w, p).permute(0, 2, 4, 1, 3, 5).reshape(batch, h * w, -1)
        x = self.ln_pre(F.linear(x, self.patch_conv.weight.flatten(1).to(x.dtype)))
        cosine, sine = self._angles(h, w, x)
        for block in self.transformer.layers:
            x = block(x, cosine, sine)
        return x.view(batch, h, w, -1)

    @staticmethod
    def _angles(h: int, w: int, like: Tensor) -> tuple[Tensor, Tensor]:
        """Even frequencies turn with the row, odd ones with the column (Pixtral)."""
        steps = torch.arange(0, HEAD, 2, device=like.device).float()
        frequency = 10000.0 ** (-steps / HEAD)
        rows = torch.arange(h, device=like.device).float().outer(frequency[::2])
        columns = torch.arange(w, device=like.device).float().outer(frequency[1::2])
        grid = torch.cat((rows[:, None].expand(h, w, -1), columns[None].expand(h, w, -1)), -1)
        angle = grid.reshape(h * w, -1).repeat(1, 2)
        return angle.cos().to(like.dtype), angle.sin().to(like.dtype)


class Projection(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, self.merge = shape.vision_width, shape.merge
        self.norm = Norm(width, 1e-6)
        self.patch_merger = nn.Module()
        self.patch_merger.merging_layer = linear(shape.merge**2 * width, width)
        self.linear_1 = linear(width, shape.text_width)
        self.linear_2 = linear(shape.text_width, shape.text_width)

    def forward(self, x: Tensor) -> Tensor:
        """Patches (batch, h, w, width) to picture tokens (batch, h/M * w/M, text width)."""
        batch, h, w, width = x.shape
        m = self.merge
        x = self.norm(x).view(batch, h // m, m, w // m, m, width).permute(0, 1, 3, 5, 2, 4)
        x = self.patch_merger.merging_layer(x.reshape(batch, h * w // m**2, m * m * width))
        return self.linear_2(F.gelu(self.linear_1(x)))  # type: ignore[no-any-return]


class Text(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.text_width)
        self.layers = nn.ModuleList(TextBlock(shape) for _ in range(shape.text_layers))
        self.norm = Norm(shape.text_width, 1e-6)

    def forward(self, x: Tensor) -> Tensor:
        steps = torch.arange(0, HEAD, 2, device=x.device).float()
        positions = torch.arange(x.shape[1], device=x.device).float()
        angle = positions.outer(1e6 ** (-steps / HEAD)).repeat(1, 2)
        cosine, sine = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        for block in self.layers:
            x = block(x, cosine, sine)
        return self.norm(x)  # type: ignore[no-any-return]


class PocketModel(nn.Module):
    """Pictures and their transcripts to a loss; the decoder's embeddings are its output layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.model = nn.Module()
        self.model.vision_encoder = Vision(shape)
        self.model.vision_projection = Projection(shape)
        self.model.language_model = Text(shape)
        for name, weight in self.named_parameters():
            if weight.dim() >= 2:
                scale = 0.02 if "embed" in name else 1 / math.sqrt(weight[0].numel())
                # Residual branches start small, so that the first steps are stable.
                if name.endswith(("o_proj.weight", "down_proj.weight")):
                    scale *= 0.3
                nn.init.normal_(weight, std=scale)

    def forward(
        self, pixels: Tensor, prompt: tuple[Tensor, Tensor], given: Tensor, wanted: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Mean loss and share of right tokens.

        `prompt`: token ids before and after the picture. `given` (batch, length) are the tokens
        the decoder is shown, `wanted` (batch, length + 1) those it should say, IGNORED for none.
        """
        picture = self.model.vision_projection(self.model.vision_encoder(pixels))
        batch, embed = len(pixels), self.model.language_model.embed_tokens
        before, after = (embed(ids).expand(batch, -1, -1) for ids in prompt)
        x = torch.cat(
            [part.to(picture.dtype) for part in (before, picture, after, embed(given))], 1
        )
        hidden = self.model.language_model(x)[:, -wanted.shape[1] :]
        return token_loss(hidden, embed.weight, wanted)

    def compile_blocks(self) -> None:
        """Compile one block of each kind; all layers share it, whatever the batch's sizes."""
        layers = self.model.vision_encoder.transformer.layers
        for block in [*layers, *self.model.language_model.layers]:
            block.compile(dynamic=True)


def token_loss(hidden: Tensor, embeddings: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Cross entropy in chunks of rows, so that the full-vocabulary logits never all exist."""
    rows, targets = hidden.flatten(0, 1), wanted.flatten()
    total, right = hidden.new_zeros((), dtype=torch.float32), targets.new_zeros(())
    for chunk, target in zip(rows.split(16384), targets.split(16384), strict=True):
        loss, hits = torch.utils.checkpoint.checkpoint(
            _chunk_loss, chunk, embeddings, target, use_reentrant=False
        )
        total, right = total + loss, right + hits
    count = (targets != IGNORED).sum().clamp(min=1)
    return total / count, right / count


def _chunk_loss(hidden: Tensor, embeddings: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    logits = F.linear(hidden, embeddings.to(hidden.dtype))
    loss = F.cross_entropy(logits.float(), wanted, ignore_index=IGNORED, reduction="sum")
    return loss, (logits.argmax(-1) == wanted).sum()
