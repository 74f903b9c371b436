"""Ways in which the text that a file holds is wrong, as they occur in PDFs."""

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby

from lighton_ocr.documents.own_text import Kind, OwnText, OwnWord
from lighton_ocr.reading.own_text.words import TextWord


@dataclass(frozen=True)
class Reading:
    """What the model read on a page, and the words that it was unsure of."""

    kind: str
    language: str
    family: str
    seed: int
    text: str
    unsure: frozenset[str]


@dataclass(frozen=True)
class Case:
    """A reading, the words that stand on its page, the page's own text, and another page's."""

    number: int
    reading: Reading
    truth: list[TextWord]
    own: OwnText
    other: OwnText

    def rng(self, draw: int = 0) -> random.Random:
        """Return the page's own source of chance, at its start; each draw has another one."""
        return random.Random(self.number + 1000 * draw)


Damage = Callable[[Case], OwnText]
Wrong = Callable[[str, random.Random], str]  # what a character is read as
SHAPES = "ceo Il1i! oO0Q hbn nur uvy as sS5 tfl gq9 B83 zZ2 D0 G6 rn wv .,".split()
STROKED = str.maketrans("øØæÆœßłđ", "oOaAoBld")


def changed(own: OwnText, change: Callable[[OwnWord], str]) -> OwnText:
    """Return the words with other letters."""
    return OwnText(tuple(replace(word, text=change(word)) for word in own.words))


def shifted(case: Case) -> OwnText:
    """Every font's map is off by one."""
    return changed(case.own, lambda word: "".join(chr(ord(char) + 1) for char in word.text))


def lying_digit(case: Case) -> OwnText:
    """The fonts say 9 for a 5."""
    return changed(case.own, lambda word: word.text.replace("5", "9"))


def lying_numbers(case: Case) -> OwnText:
    """One number in ten has another digit than what is drawn."""

    rng = case.rng()

    def lie(word: OwnWord) -> str:
        digits = [index for index, char in enumerate(word.text) if char.isdigit()]
        if not digits or rng.random() > 0.1:
            return word.text
        return with_digit(word.text, rng.choice(digits), rng)

    return changed(case.own, lie)


def ligatures_lost(case: Case) -> OwnText:
    """The fonts have no codes for ligatures."""

    def lose(word: OwnWord) -> str:
        text = word.text
        for ligature in ("ffi", "ffl", "ff", "fi", "fl"):
            text = text.replace(ligature, "")
        return text

    return changed(case.own, lose)


def spaces_lost(case: Case) -> OwnText:
    """Words of a line run together."""
    lines = [list(line) for _, line in groupby(case.own.words, lambda word: word.box[3] // 8)]
    return OwnText(
        tuple(replace(line[0], text="".join(word.text for word in line)) for line in lines)
    )


def order_of_drawing(case: Case) -> OwnText:
    """Lines come in any order."""
    lines = [list(line) for _, line in groupby(case.own.words, lambda word: word.box[3] // 8)]
    case.rng().shuffle(lines)
    return OwnText(tuple(word for line in lines for word in line))


def columns_interleaved(case: Case) -> OwnText:
    """Lines run across columns."""
    words = sorted(case.own.words, key=lambda word: (word.box[3] // 8, word.box[0]))
    return OwnText(tuple(words))


def half_missing(case: Case) -> OwnText:
    """The second half of the page has no text."""
    return OwnText(case.own.words[: len(case.own.words) // 2])


def other_page(case: Case) -> OwnText:
    """The text is another page's."""
    return case.other


def hidden_lies(case: Case) -> OwnText:
    """Each number has a hidden copy with another digit behind it."""
    lies = lying_numbers(case)
    words = []
    for word, lie in zip(case.own.words, lies.words, strict=True):
        words += [word, replace(lie, kind="hidden")]
    return OwnText(tuple(words))


def accents_lost(case: Case) -> OwnText:
    """An OCR for English read it."""
    layer = changed(case.own, lambda word: "".join(map(plain, word.text)))
    return replace(layer, on_pictures=True)


def plain(char: str) -> str:
    """Return a letter without its accent."""
    return unicodedata.normalize("NFD", char)[0].translate(STROKED)


def any_letter(_char: str, rng: random.Random) -> str:
    """Return a letter or a digit."""
    return rng.choice("abcdefghijklmnopqrstuvwxyz0123456789")


def look_alike(char: str, rng: random.Random) -> str:
    """Return what an OCR takes a character for: one of its own shape, or without its accent."""
    others = [other for shape in SHAPES if char in shape for other in shape if other != char]
    return rng.choice(others or [plain(char)])


def misread(share: float, kind: Kind, draw: int = 0, wrong: Wrong = any_letter) -> Damage:
    """An older OCR's text with that share of wrong characters."""

    def damage(case: Case) -> OwnText:
        rng = case.rng(draw)

        def misread(word: OwnWord) -> str:
            return "".join(wrong(char, rng) if rng.random() < share else char for char in word.text)

        words = changed(case.own, misread).words
        return OwnText(tuple(replace(word, kind=kind) for word in words), on_pictures=True)

    return damage


def with_digit(text: str, index: int, rng: random.Random) -> str:
    """Return the text with another digit there."""
    digit = (int(text[index]) + rng.randint(1, 9)) % 10
    return f"{text[:index]}{digit}{text[index + 1 :]}"


DAMAGES: dict[str, Damage] = {
    "true": lambda case: case.own,
    "fonts shifted": shifted,
    "a digit's code is another's": lying_digit,
    "one number in ten lies": lying_numbers,
    "ligatures lost": ligatures_lost,
    "accents lost": accents_lost,
    "spaces lost": spaces_lost,
    "order of drawing": order_of_drawing,
    "columns interleaved": columns_interleaved,
    "older OCR, 2 % wrong": misread(0.02, "hidden"),
    "older OCR, 5 % wrong": misread(0.05, "hidden"),
    "older OCR, 15 % wrong": misread(0.15, "hidden"),
    "older OCR drawn visibly, 2 % wrong": misread(0.02, "drawn"),
    "older OCR drawn visibly, 5 % wrong": misread(0.05, "drawn"),
    "older OCR drawn visibly, 15 % wrong": misread(0.15, "drawn"),
    "half of the page missing": half_missing,
    "text of another page": other_page,
    "hidden numbers that lie": hidden_lies,
}
