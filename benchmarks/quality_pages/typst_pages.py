"""Pages set with typst: tables, receipts, formulas, and pages with a header and a footer."""

import random
from collections.abc import Iterator, Sequence
from html import escape

import typst
from benchmarks.quality_pages.page import Page, absent, cell, formula, order, present
from tests.support.typeset_pages import passage
from tests.support.typeset_texts import LANGUAGES

# The same formula in typst's notation and in LaTeX.
FORMULAS = (
    ("a^2 + b^2 = c^2", "a^2 + b^2 = c^2"),
    ("x = (-b + sqrt(b^2 - 4 a c)) / (2 a)", r"x = \frac{-b + \sqrt{b^2 - 4ac}}{2a}"),
    ("e^(i pi) + 1 = 0", r"e^{i\pi} + 1 = 0"),
    ("sum_(k=1)^n k = (n (n + 1)) / 2", r"\sum_{k=1}^{n} k = \frac{n(n+1)}{2}"),
    ("integral_0^1 x^2 d x = 1 / 3", r"\int_0^1 x^2 dx = \frac{1}{3}"),
    ("f(x) = 3 x^3 - 2 x + 7", "f(x) = 3x^3 - 2x + 7"),
    ("E = m c^2", "E = mc^2"),
    ("v = d / t", r"v = \frac{d}{t}"),
    ("lim_(n -> infinity) 1 / n = 0", r"\lim_{n \to \infty} \frac{1}{n} = 0"),
    ("alpha + beta = gamma", r"\alpha + \beta = \gamma"),
    ("x_(n+1) = x_n - r x_n^2", "x_{n+1} = x_n - r x_n^2"),
    ("sin^2 theta + cos^2 theta = 1", r"\sin^2 \theta + \cos^2 \theta = 1"),
    ("abs(x - y) <= delta", r"|x - y| \leq \delta"),
    ("P(A) = 1 - P(B)", "P(A) = 1 - P(B)"),
    ("y = sqrt(x + 1)", r"y = \sqrt{x + 1}"),
    ("k = (p - q) / (p + q)", r"k = \frac{p - q}{p + q}"),
)
_SHEET = '#set document(date: none)\n#set page(paper: "a4", margin: 2.2cm)\n#set text(size: 11pt)\n'


def pages() -> Iterator[Page]:
    """Yield them, category by category."""
    for number, language in enumerate(LANGUAGES):
        for is_ruled in (True, False):
            yield _table(language, is_ruled, number)
    for language in LANGUAGES:
        yield _receipt(language)
    for number in range(12):
        yield _formulas(number)
    for number, language in enumerate(LANGUAGES):
        yield _with_header(language, number)


def _table(language: str, is_ruled: bool, number: int) -> Page:
    words = LANGUAGES[language]
    rng = random.Random(f"table {language} {is_ruled}")
    heads = [words.place, *(str(2015 + number + year) for year in range(rng.randint(3, 4)))]
    rows = [
        [town, *(f"{rng.randint(100, 99_999) / 10:.1f}" for _ in heads[1:])]
        for town in rng.sample(words.towns, min(6, len(words.towns)))
    ]
    title = rng.choice(words.titles)
    before, after = (passage(words, rng, 3) for _ in range(2))
    cells = "".join(f"{_text(one)}, " for row in [heads, *rows] for one in row)
    stroke = "0.5pt" if is_ruled else "none"
    source = (
        f"{_SHEET}= #{_text(title)}\n#{_text(before)}\n\n"
        f"#table(columns: {len(heads)}, stroke: {stroke}, inset: 7pt, {cells})\n\n#{_text(after)}"
    )
    row, column = rng.randrange(1, len(rows) - 1), rng.randrange(2, len(heads))
    text = rows[row][column]
    tests = (
        cell(text, up=rows[row - 1][column], down=rows[row + 1][column]),
        cell(text, left=rows[row][column - 1], top_heading=heads[column]),
        cell(rows[0][1], left=rows[0][0], up=heads[1]),
        present(after[:60]),
    )
    truth = f"# {title}\n\n{before}\n\n{_html([heads, *rows])}\n\n{after}\n"
    name = f"{language}-{'ruled' if is_ruled else 'plain'}"
    return Page("tables", name, _pdf(source), truth, tests)


def _receipt(language: str) -> Page:
    words = LANGUAGES[language]
    rng = random.Random(f"receipt {language}")
    shop, street, town = words.name(rng), words.street(rng), words.town(rng)
    rows = [
        (item, f"{rng.randint(50, 39_999) / 100:.2f}")
        for item in rng.sample(words.items, rng.randint(5, 8))
    ]
    total = f"{sum(float(price) for _, price in rows):.2f}"
    number = f"{rng.randint(100_000, 999_999)}"
    lines = "".join(f"#{_text(item)} #h(1fr) #{_text(price)}\n\n" for item, price in rows)
    source = (
        "#set document(date: none)\n#set page(width: 80mm, height: 160mm, margin: 6mm)\n"
        '#set text(font: "DejaVu Sans Mono", size: 8pt)\n'
        f"#align(center)[#{_text(shop)}\n\n#{_text(street)}\n\n#{_text(town)}]\n\n"
        f"#{_text(words.reference)} #h(1fr) #{_text(number)}\n\n#line(length: 100%)\n{lines}"
        f"#line(length: 100%)\n*#{_text(words.total)}* #h(1fr) *#{_text(total)}*\n"
    )
    tests = (
        present(number),
        present(rows[1][0]),
        present(total),
        order(rows[0][0], rows[-1][0]),
        order(rows[0][1], total),
    )
    body = [f"{item} {price}" for item, price in rows]
    head = [shop, street, town, f"{words.reference} {number}"]
    truth = "\n\n".join([*head, *body, f"**{words.total}** **{total}**"]) + "\n"
    return Page("receipts", language, _pdf(source), truth, tests)


def _formulas(number: int) -> Page:
    words = LANGUAGES["en"]
    rng = random.Random(f"formulas {number}")
    chosen = rng.sample(FORMULAS, 3)
    passages = [passage(words, rng, 3) for _ in range(4)]
    source = _SHEET + f"#{_text(passages[0])}\n\n"
    truth = passages[0]
    for (typst_form, latex), text in zip(chosen, passages[1:], strict=True):
        source += f"$ {typst_form} $\n\n#{_text(text)}\n\n"
        truth += f"\n\n$${latex}$$\n\n{text}"
    tests = (*(formula(latex) for _, latex in chosen), present(passages[3][:60]))
    return Page("formulas", f"{number:02}", _pdf(source), truth + "\n", tests)


def _with_header(language: str, number: int) -> Page:
    words = LANGUAGES[language]
    rng = random.Random(f"header {language}")
    header = f"{rng.choice(words.titles)} · {words.name(rng)}"
    footer = f"{words.reference} {rng.randint(10_000, 99_999)}-{number}"
    passages = [passage(words, rng, 3) for _ in range(6)]
    body = "\n\n".join(f"#{_text(passage)}" for passage in passages)
    source = (
        f"{_SHEET}#set page(header: [#{_text(header)}], footer: [#{_text(footer)} #h(1fr) 214])\n"
        f"{body}"
    )
    tests = (
        absent(header),
        absent(footer),
        present(passages[0][:60]),
        order(passages[1][:50], passages[5][:50]),
    )
    truth = "\n\n".join(passages) + "\n"
    return Page("headers_footers", language, _pdf(source), truth, tests)


def _text(text: str) -> str:
    """Return typst's code for a text that is set as it stands."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'text("{quoted}")'


def _html(rows: Sequence[Sequence[str]]) -> str:
    heads, *others = (
        "".join(f"<{tag}>{escape(one)}</{tag}>" for one in row)
        for tag, row in zip(["th"] + ["td"] * (len(rows) - 1), rows, strict=True)
    )
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in (heads, *others)) + "</table>"


def _pdf(source: str) -> bytes:
    compiled = typst.compile(source.encode(), format="pdf")
    assert isinstance(compiled, bytes)
    return compiled
