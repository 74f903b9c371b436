"""How far a file's own text corrects the pocket model, and what a damaged text does.

    python -m benchmarks.own_text read FONTS    # typesets pages and stores the model's readings
    python -m benchmarks.own_text judge > benchmarks/results/own-text.json

The truth is known because we typeset the pages. `read` needs the fonts of the Debian packages named
in FAMILIES, unpacked into a folder, and resumes where it was stopped. `judge` takes the stored
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
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.own_text_damages import (
    DAMAGES,
    Case,
    Damage,
    Reading,
    any_letter,
    look_alike,
    misread,
    with_digit,
)
from benchmarks.own_text_scores import has_false_warning, score, summary
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from tests.support.typeset_pages import KINDS, typeset
from tests.support.typeset_texts import LANGUAGES

from lighton_ocr.catalog import find_model
from lighton_ocr.documents import Source, open_document, prepare
from lighton_ocr.documents.own_text import OwnText
from lighton_ocr.documents.pages import Geometry, PageOptions
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.reading import stream
from lighton_ocr.reading.attempts import PageBudget
from lighton_ocr.reading.own_text import check_text, correct_text
from lighton_ocr.reading.own_text.words import word_at, words_of
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
SHARES = (0.01, 0.02, 0.03, 0.05)  # of an older OCR's characters, that are wrong
DRAWS = 12
OPTIONS = PageOptions(Geometry(1288, 28, enlarge=True), with_own_text=True)


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
        # Without a time limit: other programs may be running.
        async with Reader(endpoint, budget=PageBudget(), own_text="off") as reader:
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


def row(damage: Damage, cases: list[Case]) -> dict[str, Any]:
    """Correct all pages by a damaged text."""
    before, after, worse, trusts = [], [], [], Counter[str]()
    false = either = wrong = 0
    for case in cases:
        checked = correct_text(case.reading.text, damage(case), case.reading.unsure)
        trusts[checked.check.trust] += 1
        false += has_false_warning(checked, case.truth)
        either += checked.check.habit
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
        "pages_where_either_text_may_be_wrong": either,
    }


def repeated(cases: list[Case]) -> list[dict[str, Any]]:
    """Correct all pages by an older OCR's visible text, with other errors in each draw."""
    rows = []
    for wrong, share in product((any_letter, look_alike), SHARES):
        lost = [
            words_lost(case, misread(share, "drawn", draw, wrong)(case))
            for draw, case in product(range(1, DRAWS + 1), cases)
        ]
        rows.append(
            {
                "wrong": wrong.__name__,
                "share": share,
                "pages": len(lost),
                "pages_better": sum(one < 0 for one in lost),
                "pages_worse": sum(one > 0 for one in lost),
                "most_words_lost": max(0, *lost),
            }
        )
    return rows


def words_lost(case: Case, layer: OwnText) -> int:
    """Return how many right words a correction by that layer loses; below 0, it gains some."""
    checked = correct_text(case.reading.text, layer, case.reading.unsure)
    if not checked.check.corrections:
        return 0
    return score(case.reading.text, case.truth).same - score(checked.text, case.truth).same


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
        "command": "python -m benchmarks.own_text judge",
        "machine": f"{platform.machine()}, {os.cpu_count()} threads, {platform.system()}",
        "pages": len(cases),
        "words": sum(len(case.truth) for case in cases),
        "families": len({case.reading.family for case in cases}),
        "languages": len({case.reading.language for case in cases}),
        "cost": cost(cases),
        "planted_numbers": planted(cases),
        "older_ocr_drawn_visibly": repeated(cases),
        "layers": {name: row(damage, cases) for name, damage in DAMAGES.items()},
    }


if __name__ == "__main__":
    if sys.argv[1] == "read":
        register(Path(sys.argv[2]))
        asyncio.run(read())
    else:
        print(json.dumps(judge(), indent=2, ensure_ascii=False))
