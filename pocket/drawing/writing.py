"""A writer's means: words, identifiers, code and formulas, as markup with its transcript."""

import random
from dataclasses import dataclass
from functools import cached_property

from pocket.corpus import Source
from pocket.drawing import mathematics
from pocket.drawing.press import literal, quoted
from pocket.entries import unguessable

# What stands directly before and after a formula in a line.
_AROUND = (
    *(("", ""),) * 6,
    *(("", mark) for mark in ".,.,;:"),
    ("(", ")"),
    ("(", "),"),
    ("", "-th"),
)


@dataclass(frozen=True)
class Piece:
    """Typst markup, and the Markdown that a reader of it should write.

    `parts` are its blocks, where it has several: their texts make up its own, with blank lines
    between them, and the markup of each stands in its own, in this order. `label` says what a block
    is where its text does not tell, `name` what its links are called on a page with boxes.
    """

    markup: str
    text: str
    parts: tuple["Piece", ...] = ()
    label: str = ""
    name: str = ""

    @property
    def blocks(self) -> tuple["Piece", ...]:
        return self.parts or (self,)


def together(*parts: Piece, between: str = "\n") -> Piece:
    """One piece of several blocks, what stands between them in the markup."""
    markup = between.join(part.markup for part in parts)
    return Piece(markup, "\n\n".join(part.text for part in parts), parts)


@dataclass
class Writer:
    """The text of one document. The habits are shares of words, 0 to 1."""

    rng: random.Random
    source: Source
    size: float
    measure: float
    mono: str
    code_words: float = 0.0
    formulas: float = 0.0
    emphasis: float = 0.0

    @cached_property
    def letters(self) -> int:
        """About how many letters a line holds."""
        return int(self.measure / (0.47 * self.size))

    @cached_property
    def code_letters(self) -> int:
        """How many letters a line of code holds, its type a tenth smaller than the text's."""
        return int(self.measure / (0.6 * 0.92 * self.size)) - 2

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def plain(self, low: int, high: int, noise: float = 0.04, scale: float = 1.0) -> str:
        """Between so many letters of text, `scale` times as large, without a stop at its end."""
        words = self.source.words(self.rng, self.rng.randint(low, high), noise)
        text = " ".join(self._fitting(words, scale))
        return text.rstrip(".,;: ") or text

    def _fitting(self, words: list[str], scale: float = 1.0) -> list[str]:
        """The words, cut where they would run over the line into the next column."""
        most = max(4, int(self.letters * 0.8 / scale))
        return [word[:most] for word in words]

    def prose(self, length: int) -> Piece:
        """About `length` letters of text, with the document's inline code, formulas, emphasis."""
        markup, text, held = [], [], []
        words = self._fitting(self.source.words(self.rng, length))
        while words:
            kind = self.rng.random()
            if kind < self.code_words:
                made = self.code_word()
            elif kind < self.code_words + self.formulas:
                made = self.formula()
            elif kind < self.code_words + self.formulas + self.emphasis:
                count = self.rng.randint(1, 4)
                emphasised, words = " ".join(words[:count]), words[count:]
                look = self.rng.choice(("emph", "emph", "strong", "underline"))
                made = Piece(f"#{look}[{literal(emphasised)}]", emphasised)
            else:
                held.append(words.pop(0))
                continue
            markup += [literal(" ".join([*held, ""])), made.markup, literal(" ")]
            text += [*held, made.text]
            held = []
        return Piece("".join([*markup, literal(" ".join(held))]), " ".join([*text, *held]))

    def code_word(self) -> Piece:
        name = self.identifier()[: max(4, int(self.letters * 0.65))]
        return Piece(f"#raw({quoted(name)});", name)

    def formula(self) -> Piece:
        """A formula in a line, at times in brackets or with the sentence's stop after it."""
        made = mathematics.inline(self.rng)
        before, after = self.rng.choice(_AROUND)
        markup = f"{literal(before)}${made.typst}${literal(after)}"
        return Piece(markup, f"{before}${made.tex}${after}")

    def identifier(self) -> str:  # noqa: PLR0911
        """A name as programs have them, of at most about 24 letters."""
        rng = self.rng
        words = [self._word() for _ in range(rng.choice((1, 1, 2, 2, 3)))]
        match rng.randrange(12):
            case 0 | 1:
                return "_".join(words)[:24]
            case 2:
                return words[0] + "".join(w.capitalize() for w in words[1:])
            case 3:
                return "".join(w.capitalize() for w in words)[:24]
            case 4:
                return ".".join(words)[:24]
            case 5:
                return f"{'_'.join(words)[:20]}()"
            case 6:
                return "\\" + rng.choice(("", "", "@", "")) + rng.choice(("@", "")).join(words)[:22]
            case 7:
                return rng.choice(("-", "--")) + "-".join(words)[:20]
            case 8:
                return "_".join(words).upper()[:24]
            case 9:
                return f"{words[0]}({', '.join(words[1:])})"
            case 10:
                return f"{words[0]}{rng.choice(('/', '::', '->', '.'))}{words[-1]}"
            case _:
                return rng.choice((words[0], f"<{words[0]}>", f'"{words[0]}"', f"{words[0]}.h"))

    def _word(self) -> str:
        letters = "abcdefghijklmnopqrstuvwxyz"
        if self.chance(0.25):
            return "".join(self.rng.choices(letters, k=self.rng.randint(1, 5)))
        found = "".join(
            c for c in self.rng.choice(self.source.passage(self.rng, 30)) if c.isalnum()
        )
        return found.lower()[:10] or unguessable(self.rng)[:4]


def raw_block(lines: list[str], attributes: str = "") -> str:
    """A block of code, one line each."""
    return f"#raw(block: true, {quoted(chr(10).join(lines))}{attributes})"
