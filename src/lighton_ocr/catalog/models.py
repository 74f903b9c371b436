"""The LightOnOCR checkpoints: what each is called, how it wants its pages, how well it reads."""

import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

from lighton_ocr.catalog.shapes import Shape, shapes
from lighton_ocr.errors import UsageError

POCKET = "lighton-ocr-pocket"
DEFAULT_MODEL = "1b"  # of a deployment, and of vLLM on a GPU of one's own


@dataclass(frozen=True)
class Sampling:
    """How the authors sample a page; `max_tokens` bounds the answer of a first try."""

    temperature: float
    top_p: float
    max_tokens: int


@dataclass(frozen=True)
class Quality:
    """Published olmOCR-bench scores in percent, by category."""

    arxiv: float
    old_scans_math: float
    tables: float
    old_scans: float
    multi_column: float
    long_tiny_text: float
    base: float
    overall: float


@dataclass(frozen=True)
class Model:
    """One checkpoint.

    `edge` is the longest side of a page image and `grid` what both sides are multiples of, in
    pixels; `context` counts the tokens of prompt and answer together. `tables` names the markup the
    model writes tables in. `modes` are the prompt texts it was trained for (`plain`: none).
    `gguf` is the hub repository that llama.cpp loads it from, `min_vllm` the first release that
    serves it; both are None where no source confirms one. `output_tokens` is the mean of a page.
    """

    id: str
    aliases: tuple[str, ...]
    parameters_m: float
    architecture: str
    shape: Shape
    vocabulary: int
    edge: int
    grid: int
    context: int
    tables: str
    output_tokens: int
    license: str
    note: str
    sampling: Sampling
    modes: tuple[str, ...] = ("plain",)
    languages: tuple[str, ...] = ()
    quality: Quality | None = None
    min_vllm: str | None = None
    gguf: str | None = None
    template_kwargs: dict[str, bool] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it answers to, the hub's id first."""
        return (self.id, *self.aliases)


@cache
def models() -> tuple[Model, ...]:
    """All checkpoints, the embedded one first, in the order of their release."""
    text = resources.files(__package__).joinpath("models.toml").read_text("utf-8")
    rows: dict[str, dict[str, Any]] = {}
    for row in tomllib.loads(text)["model"]:
        base = dict(rows[row.pop("like")]) if "like" in row else {}
        # Scores and files belong to one set of weights; everything else may be shared.
        for own in ("quality", "gguf"):
            base.pop(own, None)
        rows[row["id"]] = base | row
    return tuple(_model(row) for row in rows.values())


def find_model(name: str) -> Model:
    """The checkpoint of that id or alias, in any case.

    Raises:
        UsageError: no checkpoint has that name; the message names the nearest.
    """
    wanted = name.lower()
    for model in models():
        if wanted in (known.lower() for known in model.names):
            return model
    known = [alias for model in models() for alias in model.names]
    near = get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"Unknown model {name!r}.{hint} `lighton-ocr models` lists all of them.")


def _model(row: dict[str, Any]) -> Model:
    values = dict(row)
    values["sampling"] = Sampling(**values["sampling"])
    values["shape"] = shapes()[values["shape"]]
    if "quality" in values:
        values["quality"] = Quality(**values["quality"])
    for name in ("aliases", "modes", "languages"):
        if name in values:
            values[name] = tuple(values[name])
    return Model(**values)
