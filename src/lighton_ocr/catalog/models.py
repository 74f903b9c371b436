"""The LightOnOCR checkpoints: names, page image size, sampling, and published quality."""

import re
import tomllib
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any, Literal

from lighton_ocr.catalog.shapes import Shape, shapes
from lighton_ocr.errors import UsageError

POCKET = "lighton-ocr-pocket"
DEFAULT_MODEL = "1b"  # for deployments and for `--engine vllm`
# What the chat template adds to an image's tokens, as vLLM and llama.cpp count it for the
# pixtral-qwen3 models, and what it adds at most with any model.
TEMPLATE_TOKENS = 16
MAX_TEMPLATE_TOKENS = 64
# How a model writes boxes. figures: behind each figure, in any answer; layout: before each block of
# the page, with its kind, if the prompt is GROUNDING.
BoxGrammar = Literal["figures", "layout"]
GROUNDING = "grounding"


@dataclass(frozen=True)
class Sampling:
    """The authors' sampling parameters; `max_tokens` limits the answer of a first attempt."""

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

    `edge` is the longest side of a page image in pixels, and both sides are multiples of `grid`;
    `context` counts the tokens of prompt and answer together. `tables` names the markup in which
    the model writes tables. `modes` are the prompts that it was trained for (`plain`: none).
    `gguf` is the hub repository with files for llama.cpp, `min_vllm` the first vLLM release that
    serves it; each is None if no source confirms one. `output_tokens` is the mean of a page.
    `revision` is the commit or branch of the weights on the hub. `like` is the id of the checkpoint
    that a fine-tune comes from.
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
    revision: str = "main"
    like: str | None = None

    @property
    def box_grammar(self) -> BoxGrammar | None:
        """How it writes boxes, None if it cannot."""
        if GROUNDING in self.modes:
            return "layout"
        return "figures" if "boxes" in self.modes else None

    @property
    def names(self) -> tuple[str, ...]:
        """The id on the model hub, then the aliases."""
        return (self.id, *self.aliases)

    def image_tokens(self, width: int, height: int) -> int:
        """Return the tokens of a page image of that many pixels, both sides multiples of `grid`."""
        return width * height // self.grid**2

    def max_answer_tokens(self, width: int, height: int) -> int:
        """Return the tokens that the context leaves for the answer to a page image of that size."""
        return self.context - self.image_tokens(width, height) - MAX_TEMPLATE_TOKENS


@cache
def models() -> tuple[Model, ...]:
    """Return all checkpoints in the order of their release, after the embedded one."""
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
    """Return the checkpoint with that id or alias, in any case.

    Raises:
        UsageError: no checkpoint has that name; the message suggests names.
    """
    wanted = name.lower()
    for model in models():
        if wanted in (known.lower() for known in model.names):
            return model
    known = [alias.lower() for model in models() for alias in model.names]
    near = get_close_matches(wanted, known, n=2, cutoff=0.5)
    if "/" in name and not wanted.startswith("lightonai/"):
        raise UsageError(
            f"Unknown model {name!r}. If it is a fine-tune, name the checkpoint that it comes "
            "from: --model 2-1b for one that is served at a URL, LIKE=2-1b to deploy it, "
            "--like 2-1b for a batch on Modal. `lighton-ocr models` lists all checkpoints."
        )
    raise UsageError(
        f"Unknown model {name!r}. Did you mean {' or '.join(near)}? `lighton-ocr models` lists all."
        if near
        else f"Unknown model {name!r}: lighton-ocr reads only with LightOnOCR models, such as "
        f"pocket (here), 1b, 2-1b or 3-4b (on a GPU). `lighton-ocr models` lists all."
    )


def check_margins(model: Model, flag: str) -> None:
    """Check that a model says which blocks are headers, footers and page numbers.

    Raises:
        UsageError: it does not; the message names `flag` and the models that do.
    """
    if model.box_grammar == "layout":
        return
    names = [other.aliases[0] for other in models() if other.box_grammar == "layout"]
    raise UsageError(
        f"{flag}: {model.aliases[0]} does not say which blocks are margins. Models that do: "
        f"{', '.join(names)}."
    )


def fine_tune(repository: str, like: Model) -> Model:
    """Return a checkpoint of the same architecture as `like`, from `ORGANISATION/NAME` on the hub.

    Raises:
        UsageError: `repository` is not such a name.
    """
    if not re.fullmatch(r"[a-zA-Z0-9][\w.-]*/[a-zA-Z0-9][\w.-]*", repository, re.ASCII):
        raise UsageError(
            f"{repository!r} is not a repository on the model hub (organisation/name)."
        )
    alias = re.sub(r"[^a-z0-9]+", "-", repository.lower())[:40].strip("-")
    note = f"Fine-tuned from {like.id}."
    names = replace(like, id=repository, aliases=(alias,), note=note, like=like.id)
    return replace(names, quality=None, gguf=None, revision="main")


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
