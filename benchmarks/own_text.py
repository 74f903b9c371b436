"""How far a file's own text corrects the pocket model, and what a damaged text does.

    python benchmarks/own_text.py read FONTS    # typesets pages and stores the model's readings
    python benchmarks/own_text.py judge > benchmarks/results/own-text.json

Truth are pages that we set ourselves. `read` needs the fonts of the Debian packages named in
FAMILIES, unpacked into a folder, and goes on where it was stopped. `judge` takes the stored
readings, each page's own text as pdfium gives it, damages that text in ways that exist, and
compares the model's text with the truth before and after the correction.
"""

import asyncio
import json
import os
import platform
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from tests.support.typeset_pages import KINDS, typeset
from tests.support.typeset_texts import LANGUAGES

from lighton_ocr.catalog import find_model
from lighton_ocr.documents import Source, open_document, prepare
from lighton_ocr.documents.own_text import OwnText, OwnWord
from lighton_ocr.documents.pages import Geometry, PageOptions
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.reading import stream
from lighton_ocr.reading.own_text import CheckedText, check_text, correct_text, own_text_warnings
from lighton_ocr.reading.own_text.alignment import align
from lighton_ocr.reading.own_text.words import TextWord, word_at, words_of
from lighton_ocr.reading.reader import Reader

RESULTS = Path(__file__).parent / "results"
READINGS = RESULTS / "own-text-readings.jsonl"
# The fonts of a PDF itself, and of Debian's packages (dejavu, crosextra, lato, open-sans,
# paratype, roboto, gentium-basic): regular and bold.
BUILT_IN = ("Helvetica", "Times-Roman")
FAMILIES = {
    "DejaVuSerif": ("DejaVuSerif", "DejaVuSerif-Bold"),
    "DejaVuSans": ("DejaVuSans", "DejaVuSans-Bold"),
    "Carlito": ("Carlito-Regular", "Carlito-Bold"),
    "Caladea": ("Caladea-Regular", "Caladea-Bold"),
    "Lato": ("Lato-Regular", "Lato-Bold"),
    "OpenSans": ("OpenSans-Regular", "OpenSans-Bold"),
    "PTSerif": ("PTF55F", "PTF75F"),
    "PTSans": ("PTS55F", "PTS75F"),
    "Roboto": ("Roboto-Regular", "Roboto-Bold"),
    "GentiumBasic": ("GenBasR", "GenBasB"),
}
SEEDS = 3
OPTIONS = PageOptions(Geometry(1288, 28, enlarge=True), with_own_text=True)


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

    def rng(self) -> random.Random:
        """Return the page's own source of chance, at its start."""
        return random.Random(self.number)


@dataclass(frozen=True)
class Score:
    """How a text compares to the truth, in words, letters and numbers."""

    same: int
    read: int
    true: int
    edits: int
    letters: int
    aligned_edits: int
    aligned_letters: int
    numbers_right: int
    numbers_read: int
    aligned_numbers_right: int
    aligned_numbers: int


def jobs() -> Iterator[tuple[str, str, str, int]]:
    """Yield kind, language, family and seed of each page, so that a part of them is like all."""
    families = (*BUILT_IN, *FAMILIES)
    pages = [
        (kind, language, families[(5 * i + 7 * j + 3 * seed) % len(families)], seed)
        for seed in range(SEEDS)
        for i, kind in enumerate(KINDS)
        for j, language in enumerate(LANGUAGES)
    ]
    random.Random(1).shuffle(pages)
    return iter(pages)


def register(fonts: Path) -> None:
    """Let reportlab know the fonts of all families."""
    for family, names in FAMILIES.items():
        for suffix, name in zip(("", "-Bold"), names, strict=True):
            registerFont(TTFont(family + suffix, next(fonts.rglob(f"{name}.ttf"))))


async def read() -> None:
    """Read the pages that are not stored yet."""
    bold = {family: f"{family}-Bold" for family in FAMILIES} | {
        "Helvetica": "Helvetica-Bold",
        "Times-Roman": "Times-Bold",
    }
    known = {(one.kind, one.language, one.family, one.seed) for one in stored()}
    unsure: set[str] = set()

    def remember(text: str, pieces: Any) -> frozenset[str]:
        unsure.update(found := unsure_words(text, pieces))
        return found

    unsure_words, stream._unsure = stream._unsure, remember
    with EmbeddedEngine(find_model("pocket")) as endpoint:
        async with Reader(endpoint, own_text="off") as reader:
            for job in jobs():
                if job in known:
                    continue
                kind, language, family, seed = job
                page = typeset(kind, language, family, bold[family], seed)
                unsure.clear()
                with open_document(Source("page.pdf", page.pdf)) as document:
                    (result,) = [one async for one in reader.read(document)]
                row = (*job, result.text, sorted(unsure))
                store(row)


def store(row: tuple[object, ...]) -> None:
    """Append a reading to those that are stored."""
    with READINGS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def stored() -> list[Reading]:
    """Return the stored readings."""
    if not READINGS.exists():
        return []
    rows = map(json.loads, READINGS.read_text("utf-8").splitlines())
    return [
        Reading(kind, language, family, seed, text, frozenset(unsure))
        for kind, language, family, seed, text, unsure in rows
    ]


def cases_of(readings: list[Reading]) -> list[Case]:
    """Typeset the readings' pages once more; the family changes nothing in their text."""
    truths, owns = [], []
    for one in readings:
        page = typeset(one.kind, one.language, "Helvetica", "Helvetica-Bold", one.seed)
        with open_document(Source("page.pdf", page.pdf)) as document:
            owns.append(prepare(document, 0, OPTIONS).own_text)
        truths.append([word for text in page.truth.split() if (word := word_at(text))])
    others = owns[7:] + owns[:7]
    return [
        Case(number, *parts)
        for number, parts in enumerate(zip(readings, truths, owns, others, strict=True))
    ]


Damage = Callable[[Case], OwnText]


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


def misread(share: float, kind: str) -> Damage:
    """An older OCR's text with that share of wrong characters."""

    def damage(case: Case) -> OwnText:
        rng = case.rng()

        def misread(word: OwnWord) -> str:
            letters = "abcdefghijklmnopqrstuvwxyz0123456789"
            return "".join(
                rng.choice(letters) if rng.random() < share else char for char in word.text
            )

        words = changed(case.own, misread).words
        return OwnText(tuple(replace(word, kind=kind) for word in words))  # type: ignore[arg-type]

    return damage


DAMAGES: dict[str, Damage] = {
    "true": lambda case: case.own,
    "fonts shifted": shifted,
    "a digit's code is another's": lying_digit,
    "one number in ten lies": lying_numbers,
    "ligatures lost": ligatures_lost,
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


def score(text: str, truth: list[TextWord]) -> Score:
    """Compare a text with the truth."""
    read = words_of(text)
    pairs = align([word.key for word in read], [word.key for word in truth])
    edits = letters = 0
    numbers = Counter[bool]()
    for pair in pairs:
        ours = "".join(read[index].key for index in pair.first)
        theirs = "".join(truth[index].key for index in pair.second)
        edits += Levenshtein.distance(ours, theirs)
        letters += len(theirs)
        if any(map(str.isdigit, theirs)):
            numbers[ours == theirs] += 1
    whole, true = (" ".join(word.key for word in words) for words in (read, truth))
    same = Counter(word.key for word in read) & Counter(word.key for word in truth)
    found = [word.key for word in read if word.is_number]
    right = Counter(found) & Counter(word.key for word in truth if word.is_number)
    return Score(
        same.total(),
        len(read),
        len(truth),
        Levenshtein.distance(whole, true),
        len(true),
        edits,
        letters,
        right.total(),
        len(found),
        numbers[True],
        numbers.total(),
    )


def summary(scores: list[Score]) -> dict[str, float]:
    """Return the rates over all pages."""
    total = Score(*(sum(values) for values in zip(*map(astuple, scores), strict=True)))
    return {
        "word_f1": round(2 * total.same / (total.read + total.true), 5),
        "character_error_rate": round(total.edits / total.letters, 5),
        "character_error_rate_of_aligned_words": round(
            total.aligned_edits / total.aligned_letters, 5
        ),
        "numbers_right_of_those_read": round(total.numbers_right / total.numbers_read, 5),
        "numbers_right_of_those_aligned": round(
            total.aligned_numbers_right / total.aligned_numbers, 5
        ),
    }


def has_false_warning(checked: CheckedText, truth: list[TextWord]) -> bool:
    """Whether a warning names a word that was read right, or calls it invented."""
    if not list(own_text_warnings(checked.check)):
        return False
    right = {word.key for word in truth}
    for one in checked.check.differences:
        keys = [word.key for text in one.read.split() if (word := word_at(text))]
        if keys and one.kind in ("differs", "invented") and set(keys) <= right:
            own = {word.key for text in one.own.split() if (word := word_at(text))}
            if not own <= right or one.kind == "invented":
                return True
    return False


def row(damage: Damage, cases: list[Case]) -> dict[str, Any]:
    """Correct all pages by a damaged text."""
    before, after, worse, trusts = [], [], [], Counter[str]()
    false = wrong = 0
    for case in cases:
        checked = correct_text(case.reading.text, damage(case), case.reading.unsure)
        trusts[checked.check.trust] += 1
        false += has_false_warning(checked, case.truth)
        before.append(score(case.reading.text, case.truth))
        after.append(score(checked.text, case.truth))
        worse.append((before[-1].same - after[-1].same) / len(case.truth))
        right = {word.key for word in case.truth}
        wrong += sum(
            (word_at(one.own) or word_at("0")).key not in right  # type: ignore[union-attr]
            for one in checked.check.corrections
        )
    return {
        "trust": dict(sorted(trusts.items())),
        "before": summary(before),
        "after": summary(after),
        "wrong_corrections": wrong,
        "pages_worse": sum(share > 0 for share in worse),
        "pages_worse_by_more_than_one_word_in_1000": sum(share > 0.001 for share in worse),
        "worst_page_words_lost_per_1000": round(max(0, *worse) * 1000, 1),
        "pages_with_false_warnings": false,
    }


def planted(cases: list[Case]) -> dict[str, int]:
    """Change numbers that were read right, three a page, and count those that are named."""
    count = named = 0
    for case in cases:
        rng = case.rng()
        right = {word.key for word in case.truth}
        numbers = [
            word
            for word in words_of(case.reading.text)
            if word.is_number and word.key in right and "$" not in word.text
        ]
        text, wrong = case.reading.text, []
        for word in sorted(rng.sample(numbers, min(3, len(numbers))), key=lambda one: -one.start):
            digits = [index for index, char in enumerate(word.text) if char.isdigit()]
            lie = with_digit(word.text, rng.choice(digits), rng)
            text = text[: word.start] + lie + text[word.end :]
            wrong.append(lie)
        differences = check_text(text, case.own).check.differences
        found = {word for one in differences for word in one.read.split()}
        count += len(wrong)
        named += sum(lie in found for lie in wrong)
    return {"planted": count, "named": named}


def with_digit(text: str, index: int, rng: random.Random) -> str:
    """Return the text with another digit there."""
    digit = (int(text[index]) + rng.randint(1, 9)) % 10
    return f"{text[:index]}{digit}{text[index + 1 :]}"


def cost(cases: list[Case]) -> dict[str, float]:
    """Return the CPU time of a page's check and correction, in milliseconds."""
    dense = max(cases, key=lambda case: len(case.truth))
    results = {}
    for name, chosen in (("median", cases), ("densest", [dense] * 9)):
        for mode, work in (("check", check_text), ("correct", correct_text)):
            spent = []
            for case in chosen:
                start = time.process_time()
                work(case.reading.text, case.own, case.reading.unsure)
                spent.append(time.process_time() - start)
            results[f"{mode}_{name}_ms"] = round(1000 * statistics.median(spent), 1)
    return results | {"words_of_densest": len(dense.truth)}


def judge() -> dict[str, Any]:
    """Return all figures."""
    cases = cases_of(stored())
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": "python benchmarks/own_text.py judge",
        "machine": f"{platform.machine()}, {os.cpu_count()} threads, {platform.system()}",
        "pages": len(cases),
        "words": sum(len(case.truth) for case in cases),
        "families": len({case.reading.family for case in cases}),
        "languages": len({case.reading.language for case in cases}),
        "cost": cost(cases),
        "planted_numbers": planted(cases),
        "layers": {name: row(damage, cases) for name, damage in DAMAGES.items()},
    }


if __name__ == "__main__":
    if sys.argv[1] == "read":
        register(Path(sys.argv[2]))
        asyncio.run(read())
    else:
        print(json.dumps(judge(), indent=2, ensure_ascii=False))
