"""The sizes of a checkpoint's two networks, from which the planner computes its speed."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Encoder:
    """The vision transformer, which turns a page's pixels into image tokens.

    `hidden` and `feed_forward` are widths, and `patch` is the side of a patch in pixels. `merge` x
    `merge` patches become one token. A `gated` feed-forward block has three matrices, others two.
    """

    layers: int
    hidden: int
    feed_forward: int
    patch: int
    merge: int
    gated: bool = True


@dataclass(frozen=True)
class Decoder:
    """The language model, which writes the text; its input and output embeddings are tied.

    `attention_layers` have `heads` and `kv_heads` of `head_size`, and cache keys and values for
    every token; with `gated_attention`, a gate of the same size is computed with the queries. The
    other layers (Gated DeltaNet) have a state of fixed size: for each of `linear_value_heads` one
    float32 matrix of `linear_head_size` squared.
    """

    layers: int
    hidden: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_size: int
    attention_layers: int
    gated_attention: bool = False
    linear_key_heads: int = 0
    linear_value_heads: int = 0
    linear_head_size: int = 128


@dataclass(frozen=True)
class Shape:
    """Both networks of a checkpoint."""

    encoder: Encoder
    decoder: Decoder


@cache
def shapes() -> dict[str, Shape]:
    """Return all shapes by their names in models.toml."""
    text = resources.files(__package__).joinpath("shapes.toml").read_text("utf-8")
    return {
        name: Shape(Encoder(**row["encoder"]), Decoder(**row["decoder"]))
        for name, row in tomllib.loads(text).items()
    }
