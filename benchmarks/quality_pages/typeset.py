"""Pages set with reportlab: letters, forms, papers in two columns, small print; nine languages."""

import random
from collections.abc import Iterator
from io import BytesIO

from benchmarks.quality_pages.page import Page, baseline, blank, order, present
from reportlab.pdfgen.canvas import Canvas
from tests.support.typeset_pages import HEIGHT, WIDTH, typeset
from tests.support.typeset_texts import LANGUAGES

FONTS = (("Helvetica", "Helvetica-Bold"), ("Times-Roman", "Times-Bold"))
_PASSAGE = 32  # letters that a line has at least to be a test


def pages() -> Iterator[Page]:
    """Yield them, category by category."""
    for seed in range(3):
        for number, language in enumerate(LANGUAGES):
            yield _of_lines("letters", "letter", language, seed, number)
    for category, kind in (("forms", "form"), ("columns", "paper")):
        for number, language in enumerate(LANGUAGES):
            yield _of_lines(category, kind, language, 7, number)
    for language in LANGUAGES:
        yield _small_print(language)
    for number in range(2):
        yield Page("baseline", f"blank-{number}", _blank(number), "", (blank(),))


def _of_lines(category: str, kind: str, language: str, seed: int, number: int) -> Page:
    font, bold = FONTS[(number + seed) % len(FONTS)]
    page = typeset(kind, language, font, bold, seed)
    lines = page.truth.split("\n")
    rng = random.Random(f"{category} {language} {seed}")
    if category == "forms":
        pairs = list(zip(lines[1:14:2], lines[2:15:2], strict=True))
        first, second, third = sorted(rng.sample(range(len(pairs)), 3))
        tests = [present(pairs[first][1]), present(pairs[second][1]), order(*pairs[third])]
    else:
        long = [line for line in lines if len(line) >= _PASSAGE]
        picked = sorted(rng.sample(range(len(long)), 4))
        one, two, three, four = (long[index] for index in picked)
        tests = [present(two), present(three), order(one, four), baseline()]
    if category == "columns":
        long = [line for line in lines if len(line) >= _PASSAGE]
        tests[2] = order(long[len(long) // 2 - 2], long[-1])
        tests.insert(3, order(long[0], long[len(long) // 2 + 3]))
    return Page(category, f"{language}-{seed}", page.pdf, page.truth + "\n", tuple(tests))


def _small_print(language: str) -> Page:
    words = LANGUAGES[language]
    rng = random.Random(f"small print {language}")
    file = BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=True)
    lines = []
    for number in range(60):
        sentence = rng.choice(words.sentences).format(
            number=rng.randint(2, 9_999),
            decimal=f"{rng.randint(10, 99_999) / 100:.2f}",
            name=words.name(rng),
            town=rng.choice(words.towns),
            year=rng.randint(1890, 2026),
        )
        lines.append(f"{number + 1}. {sentence}")
        canvas.setFont("Times-Roman", 7)
        canvas.drawString(70, HEIGHT - 70 - 11.6 * number, lines[-1])
    canvas.showPage()
    canvas.save()
    early, middle, late = (rng.randrange(start, start + 20) for start in (0, 20, 40))
    tests = (
        present(lines[early]),
        present(lines[middle]),
        present(lines[late]),
        order(lines[early], lines[late]),
    )
    return Page("small_print", language, file.getvalue(), "\n".join(lines) + "\n", tests)


def _blank(number: int) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=True)
    if number:  # a frame, and nothing in it
        canvas.setStrokeGray(0.9)
        canvas.rect(20, 20, WIDTH - 40, HEIGHT - 40)
    canvas.showPage()
    canvas.save()
    return file.getvalue()
