"""The GPU studies: what their configurations are called, and which one others are compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

COMMON = "the commonly copied flags"
AUTHORS = "the model authors' flags"
CONTAINER = "the container's flags"


@dataclass(frozen=True)
class Study:
    """How a run's rows are shown: the container's flags changed from run to run.

    `base` is the row that the others are compared with.
    """

    base: str
    names: Mapping[str, str]
    purposes: Mapping[str, str] = field(default_factory=dict)

    def name(self, key: str) -> str:
        """Return what a reader calls a row, such as `kv-fp8+grouped, on card 1`."""
        chosen, comma, addition = key.partition(",")
        parts = (self.names.get(part, part) for part in chosen.split("+") if part != "profile")
        return (self.names.get(chosen) or " + ".join(parts)) + comma + addition

    def purpose(self, key: str, row: Mapping[str, Any]) -> str:
        """Return what a row's configuration changes."""
        chosen = key.partition(",")[0]
        return "combined" if "+" in chosen else self.purposes.get(chosen, row["why"])


_PURPOSES = {
    "encoder-compiled": (
        "fuses the encoder's rotary embedding (eight passes over queries and keys) and its norms "
        "(seven passes in float32)"
    ),
    "kv-fp8": "halves the reads of keys and values, the largest part of decoding",
    "weights-fp8": "doubles the rate of matrix products, in encoder and decoder",
    "front-ends": "four processes handle requests and preprocess images",
    "two-engines": "one engine encodes (compute-bound) while the other decodes (memory-bound)",
    "grouped": (
        "one page fills 5 % of the last wave of the encoder's matrix products; eight together "
        "waste less and interrupt decoding less often"
    ),
}
ONE_GPU = Study(
    "seed",
    {"seed": COMMON, "ours": AUTHORS, "encoder-compiled": "encoder compiled"},
    {
        **_PURPOSES,
        "seed": "1,024 sequences, 8,192 batched tokens, prefix cache, 4 GB image cache",
        "ours": "no caches, batch sizes from the catalog",
    },
)
_CHANGES = {
    "kv-fp8": "fp8 KV cache",
    "weights-fp8": "fp8 weights",
    "front-ends": "four API servers",
    "two-engines": "two engines",
    "seqs-512": "512 sequences",
}
FOUR_GPUS = Study(
    "encoder-uncompiled",
    {
        **_CHANGES,
        "encoder-uncompiled": AUTHORS,
        "seed": "encoder compiled, with caches",
        "ours": "encoder compiled",
        "grouped": "pages admitted in groups",
    },
    {
        **_PURPOSES,
        "encoder-uncompiled": "no caches, batch sizes from the catalog",
        "seed": "1,024 sequences, 8,192 batched tokens, prefix cache, 4 GB image cache",
        "ours": "fewer passes over the encoder's data",
    },
)
DRAFTS = Study("ours", {"ours": "without drafts", "drafted": "drafts"})
API_SERVERS = Study(
    "seed",
    {
        "seed": COMMON,
        "front-ends": CONTAINER,
        "front-ends+drafts-missing": "no text in the files",
        "front-ends+sampled": "the models' own sampling",
        "front-ends+weights-fp8": "fp8 weights",
        "ours": "one API server",
        "ungrouped": "one API server, pages admitted one by one",
    },
)
