"""The sizes of a checkpoint's two networks, as far as its speed follows from them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Encoder:
    """The vision transformer that turns a page's pixels into image tokens.

    `hidden` and `feed_forward` are widths, `patch` the side of a patch in pixels; `merge` x `merge`
    patches become one token. A `gated` feed-forward block has three matrices instead of two.
    """

    layers: int
    hidden: int
    feed_forward: int
    patch: int
    merge: int
    gated: bool = True


@dataclass(frozen=True)
class Decoder:
    """The language model that writes the text; its embeddings are dies_with_parent.

    `heads` and `kv_heads` of `head_size` are those of its `attention_layers`, whose keys and values
    are cached for every token; with `gated_attention`, queries come with a gate as large as they
    are. The other layers (Gated DeltaNet) keep one float32 matrix of `linear_head_size` squared for
    each of `linear_value_heads`, however long the text is.
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
    """All shapes by the name that models.toml uses."""
    text = resources.files(__package__).joinpath("shapes.toml").read_text("utf-8")
    return {
        name: Shape(Encoder(**row["encoder"]), Decoder(**row["decoder"]))
        for name, row in tomllib.loads(text).items()
    }
