"""vLLM's n-gram drafting without a model: which draft tokens it would take, and how many are right.

A step looks for the last three tokens in all that precede them, then for the last two, then for the
last one, always for the first place where they stand; what follows there is the draft. The model
keeps the draft tokens up to the first that it would not have written, and writes one more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOOKUP = 3  # tokens
PLACEHOLDER = -1  # of the image; the model never writes it
Encode = Callable[[str], list[int]]


@dataclass
class Counts:
    """Tokens that were written, the steps which that took, and accepted tokens by position.

    The first token comes with the image and is no step of its own.
    """

    tokens: int = 0
    steps: int = 0
    accepted: list[int] = field(default_factory=list)

    @property
    def tokens_per_step(self) -> float:
        return 1 + sum(self.accepted) / self.steps

    @property
    def rates(self) -> list[float]:
        """Return the share of all steps that accept the first draft token, the second, …."""
        return [count / self.steps for count in self.accepted]

    def __add__(self, other: "Counts") -> "Counts":
        accepted = [one + two for one, two in zip(self.accepted, other.accepted, strict=True)]
        return Counts(self.tokens + other.tokens, self.steps + other.steps, accepted)


class Written:
    """All tokens so far, and where each group of up to LOOKUP of them ended first."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens: list[int] = []
        self._ends: dict[tuple[int, ...], int] = {}
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        end = len(self.tokens)  # only now does a token follow those that end here
        for length in range(1, min(LOOKUP, end) + 1):
            self._ends.setdefault(tuple(self.tokens[end - length :]), end)
        self.tokens.append(token)

    def draft(self, count: int) -> list[int]:
        for length in range(min(LOOKUP, len(self.tokens)), 0, -1):
            end = self._ends.get(tuple(self.tokens[-length:]))
            if end is not None:
                return self.tokens[end : end + count]
        return []


def count_steps(prompt: Sequence[int], answer: Sequence[int], draft_tokens: int) -> Counts:
    """Count the steps for an answer, its end's token included."""
    written = Written([*prompt, answer[0]])
    counts = Counts(len(answer), 0, [0] * draft_tokens)
    position = 1
    while position < len(answer):
        guesses = written.draft(draft_tokens)
        right = 0
        # The last token ends the answer: a step that accepts it writes none of its own.
        for guess, token in zip(guesses, answer[position:], strict=False):
            if guess != token:
                break
            counts.accepted[right] += 1
            right += 1
        counts.steps += 1
        for token in answer[position : position + right + 1]:
            written.add(token)
        position += right + 1
    return counts


class Prompts:
    """A page's prompt as vLLM has it, the draft written over the image's placeholders."""

    def __init__(self, encode: Encode, end: int) -> None:
        self.encode, self.end = encode, end
        # As in the models' chat templates; what stands around the image is a draft, too.
        self._before = encode("<|im_start|>system<|im_end|>\n<|im_start|>user\n<|im_start|>")
        self._after = encode("<|im_end|><|im_end|>\n<|im_start|>assistant\n")

    def prompt(self, draft: str, placeholders: int) -> list[int]:
        tokens = self.encode(draft)[:placeholders]
        image = tokens + [PLACEHOLDER] * (placeholders - len(tokens))
        return [*self._before, *image, *self._after]

    def answer(self, text: str) -> list[int]:
        return [*self.encode(text), self.end]


def pocket_prompts() -> Prompts:
    from tokenizers import Tokenizer

    folder = Path(__file__).parents[1] / "models" / "pocket"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    end: int = tokenizer.token_to_id("<|im_end|>")
    return Prompts(lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids), end)


def qwen_prompts() -> Prompts:
    from dashscope.tokenizers import get_tokenizer

    tokenizer = get_tokenizer("qwen-turbo")
    (end,) = tokenizer.encode("<|im_end|>", allowed_special="all")
    return Prompts(lambda text: list(tokenizer.encode(text, allowed_special="all")), end)
