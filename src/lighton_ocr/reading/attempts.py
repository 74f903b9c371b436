"""How a page is asked for, as data: the settings of each attempt, what changes, and the limits."""

from dataclasses import dataclass, replace
from typing import Literal

from lighton_ocr.catalog import POCKET, BoxGrammar, find_model
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.endpoint import Endpoint

# What becomes of the text that a file itself holds (own_text.py).
OwnTextMode = Literal["check", "correct", "off"]
# Why an answer is doubted; `timeout` means that the page's time was up.
Doubt = Literal["length", "loop", "unsure", "twice", "empty", "timeout"]
_EMBEDDED_SECONDS = 60.0


@dataclass(frozen=True)
class AttemptSettings:
    """The sampling of one attempt; `sampler_options` are the server's own, by name."""

    temperature: float
    top_p: float
    max_tokens: int
    sampler_options: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Attempt:
    """One request for a page: `number` from 1; `outcome` is a finish, or the error.

    `turned` is by how many degrees the page was turned clockwise to be read upright.
    """

    number: int
    settings: AttemptSettings
    outcome: str
    seconds: float
    turned: int = 0


@dataclass(frozen=True)
class Fallback:
    """What another attempt changes; None keeps the model's own value."""

    temperature: float | None = None
    top_p: float | None = None
    sampler_options: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class PageBudget:
    """The most that one page may take, all its attempts and sections together."""

    attempts: int = 24
    seconds: float | None = None

    @classmethod
    def of(cls, endpoint: Endpoint, seconds: float | None = None) -> "PageBudget":
        """Return the budget for an endpoint: only the embedded engine has a default time limit.

        A minute for the pocket model, which reads a page in some five seconds, and longer for
        larger models, by their size.
        """
        if seconds is None and endpoint.is_embedded:
            pocket = find_model(POCKET)
            size = endpoint.model.parameters_m / pocket.parameters_m
            seconds = _EMBEDDED_SECONDS * max(1.0, size)
        return cls(seconds=seconds)


@dataclass(frozen=True)
class ReadingPolicy:
    """What decides a page's text, besides the page and the model: a batch records it.

    `after_loop` are the changes that are tried, one after the other, when the model loops or writes
    nothing. `cuts` is how often a doubted page is cut in two: 3 makes eighths. `boxes` is how the
    model writes the boxes that it is asked for, None if it is not. `finds_boxes` says that blocks
    are looked for on the page, because boxes are asked for and the model does not give them all.
    """

    temperature: float
    top_p: float
    max_tokens: int
    after_loop: tuple[Fallback, ...]
    budget: PageBudget
    own_text: OwnTextMode
    cuts: int = 3
    boxes: BoxGrammar | None = None
    finds_boxes: bool = False

    @classmethod
    def of(
        cls,
        endpoint: Endpoint,
        budget: PageBudget | None = None,
        own_text: OwnTextMode | None = None,
        boxes: bool = False,
    ) -> "ReadingPolicy":
        """Return the policy for an endpoint's model and software.

        The file's own text corrects the pocket model and checks all others, unless `own_text` says
        otherwise.
        """
        is_pocket = endpoint.model.id == POCKET
        grammar = endpoint.model.box_grammar
        sampling = endpoint.model.sampling
        return cls(
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
            after_loop=(Fallback(temperature=0.5),),
            budget=budget or PageBudget.of(endpoint),
            own_text=own_text or ("correct" if is_pocket else "check"),
            boxes=grammar if boxes else None,
            finds_boxes=boxes and grammar != "layout",
        )


class Fallbacks:
    """Gives the settings of each attempt at an image, by what was wrong with the last answer."""

    def __init__(self, policy: ReadingPolicy, endpoint: Endpoint, image: EncodedPage) -> None:
        self._capacity = endpoint.model.max_answer_tokens(*image.size)
        self._after_loop = list(policy.after_loop)
        self.first = AttemptSettings(
            policy.temperature, policy.top_p, min(policy.max_tokens, self._capacity)
        )

    def next(self, last: AttemptSettings, doubt: Doubt) -> AttemptSettings | None:
        """Return a higher token limit after a cut-off answer, the next change after a bad one.

        None if nothing is left to try.
        """
        if doubt == "length" and last.max_tokens < self._capacity:
            return replace(last, max_tokens=min(2 * last.max_tokens, self._capacity))
        if doubt in ("loop", "empty") and self._after_loop:
            change = self._after_loop.pop(0)
            return replace(
                last,
                temperature=self.first.temperature
                if change.temperature is None
                else change.temperature,
                top_p=self.first.top_p if change.top_p is None else change.top_p,
                sampler_options=change.sampler_options,
            )
        return None
