"""Pages set by ourselves, whose text is known without asking the file: letters, forms, tables …

`typeset` draws one page as a PDF and returns it with its text in reading order. The same arguments
always give the same page.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from tests.support.typeset_texts import LANGUAGES, Language

WIDTH, HEIGHT = 595.28, 841.89  # A4, in points
KINDS = ("letter", "invoice", "form", "paper", "code", "table")
MONOSPACED = "Courier"


@dataclass(frozen=True)
class TypesetPage:
    """A page as a PDF, and the lines that stand on it in reading order."""

    pdf: bytes
    truth: str


@dataclass
class _Sheet:
    """A page that is being drawn, from top to bottom."""

    canvas: Canvas
    font: str
    bold: str
    size: float
    y: float = HEIGHT - 70
    left: float = 62
    right: float = WIDTH - 62
    lines: list[str] = field(default_factory=list)

    def line(self, text: str, *, bold: bool = False, size: float | None = None) -> None:
        """Set one line at the left margin."""
        size = size or self.size
        self.put(self.left, text, bold=bold, size=size)
        self.y -= size * 1.35

    def put(self, x: float, text: str, *, bold: bool = False, size: float | None = None) -> None:
        """Set text at `x` on the current line, and stay on it."""
        self.canvas.setFont(self.bold if bold else self.font, size or self.size)
        self.canvas.drawString(x, self.y, text)
        self.lines.append(text)

    def put_right(self, x: float, text: str) -> None:
        """Set text that ends at `x`."""
        self.put(x - stringWidth(text, self.font, self.size), text)

    def paragraph(self, text: str) -> None:
        """Set text in lines that fit between the margins."""
        for row in _wrapped(text, self.font, self.size, self.right - self.left):
            self.line(row)
        self.y -= self.size * 0.6

    def skip(self, lines: float = 1) -> None:
        """Leave some lines empty."""
        self.y -= self.size * 1.35 * lines


def typeset(kind: str, language: str, font: str, bold: str, seed: int) -> TypesetPage:
    """Draw a page of that kind; the fonts are names that reportlab knows."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=True)
    rng = random.Random(f"{kind} {language} {seed}")
    sheet = _Sheet(canvas, font, bold, rng.choice((9.5, 10, 11, 12)))
    _DRAWN[kind](sheet, LANGUAGES[language], rng)
    canvas.showPage()
    canvas.save()
    return TypesetPage(file.getvalue(), "\n".join(sheet.lines))


def _letter(sheet: _Sheet, words: Language, rng: random.Random) -> None:
    sheet.line(words.name(rng))
    sheet.line(words.street(rng))
    sheet.line(words.town(rng))
    sheet.skip(2)
    sheet.line(f"{words.date}: {_date(rng)}")
    sheet.line(f"{words.reference}: {_reference(rng)}")
    sheet.skip()
    sheet.line(words.greeting.format(name=words.name(rng)), bold=True)
    sheet.skip()
    for _ in range(rng.randint(3, 5)):
        sheet.paragraph(passage(words, rng, 4))
    sheet.line(words.farewell)
    sheet.line(words.name(rng))


def _invoice(sheet: _Sheet, words: Language, rng: random.Random) -> None:
    sheet.line(f"{words.invoice} {_reference(rng)}", bold=True, size=18)
    sheet.skip()
    sheet.line(f"{words.date}: {_date(rng)}")
    sheet.line(words.name(rng))
    sheet.line(f"{words.street(rng)}, {words.town(rng)}")
    sheet.skip()
    columns = (sheet.right - 150, sheet.right - 80, sheet.right)
    sheet.put(sheet.left, words.item)
    for x, heading in zip(columns, (words.quantity, words.price, words.amount), strict=True):
        sheet.put_right(x, heading)
    sheet.skip(1.4)
    total = 0.0
    for item in rng.sample(words.items, rng.randint(6, 11)):
        number, price = rng.randint(1, 40), rng.randint(50, 39_999) / 100
        total += number * price
        sheet.put(sheet.left, item)
        for x, cell in zip(
            columns, (str(number), f"{price:.2f}", f"{number * price:.2f}"), strict=True
        ):
            sheet.put_right(x, cell)
        sheet.skip(1.3)
    sheet.put(sheet.left, words.total)
    sheet.put_right(sheet.right, f"{total:.2f}")
    sheet.skip(2)
    sheet.paragraph(passage(words, rng, 2))
    sheet.line(f"IBAN {_digits(rng, 4)} {_digits(rng, 4)} {_digits(rng, 4)} {_digits(rng, 4)}")


def _form(sheet: _Sheet, words: Language, rng: random.Random) -> None:
    sheet.line(words.form, bold=True, size=16)
    sheet.skip()
    fields = (
        (words.full_name, words.name(rng)),
        (words.address, words.street(rng)),
        (words.place, words.town(rng)),
        (words.date, _date(rng)),
        (words.phone, f"+{rng.randint(30, 49)} {_digits(rng, 3)} {_digits(rng, 6)}"),
        (words.reference, _reference(rng)),
        (words.amount, f"{rng.randint(100, 99_999) / 100:.2f}"),
    )
    for label, value in fields:
        sheet.put(sheet.left, f"{label}:")
        sheet.put(sheet.left + 190, value)
        sheet.canvas.setLineWidth(0.4)
        sheet.canvas.line(sheet.left + 186, sheet.y - 3, sheet.right, sheet.y - 3)
        sheet.skip(2)
    sheet.paragraph(passage(words, rng, 4))
    sheet.paragraph(passage(words, rng, 3))


def _paper(sheet: _Sheet, words: Language, rng: random.Random) -> None:
    sheet.line(rng.choice(words.titles), bold=True, size=17)
    sheet.line(f"{words.name(rng)}, {words.name(rng)}")
    sheet.skip()
    top, middle = sheet.y, (sheet.left + sheet.right) / 2
    left, right = sheet.left, sheet.right
    sections = count(1)
    for start, end in ((left, middle - 10), (middle + 10, right)):
        sheet.y, sheet.left, sheet.right = top, start, end
        for _ in range(2):
            sheet.line(f"{next(sections)} {rng.choice(words.headings)}", bold=True, size=12)
            for _ in range(2):
                sheet.paragraph(passage(words, rng, 4))


def _code(sheet: _Sheet, words: Language, rng: random.Random) -> None:
    sheet.line(rng.choice(words.titles), bold=True, size=15)
    sheet.skip()
    sheet.paragraph(passage(words, rng, 3))
    font, sheet.font = sheet.font, MONOSPACED
    for row in _program(rng):
        sheet.line(row)
    sheet.font = font
    sheet.skip()
    sheet.paragraph(passage(words, rng, 4))


def _table(sheet: _Sheet, words: Language, rng: random.Random) -> None:
    sheet.line(rng.choice(words.titles), bold=True, size=15)
    sheet.skip()
    sheet.paragraph(passage(words, rng, 2))
    rows, columns = rng.randint(8, 16), rng.randint(3, 5)
    edges = [sheet.right - 70 * column for column in reversed(range(columns))]
    years = [str(2010 + rng.randint(0, 3) + column) for column in range(columns)]
    sheet.put(sheet.left, words.place)
    for edge, year in zip(edges, years, strict=True):
        sheet.put_right(edge, year)
    sheet.skip(1.4)
    for _ in range(rows):
        sheet.put(sheet.left, rng.choice(words.towns))
        for edge in edges:
            sheet.put_right(edge, f"{rng.randint(100, 999_999) / 10:,.1f}")
        sheet.skip(1.3)
    sheet.skip()
    sheet.paragraph(passage(words, rng, 3))


_DRAWN = {
    "letter": _letter,
    "invoice": _invoice,
    "form": _form,
    "paper": _paper,
    "code": _code,
    "table": _table,
}


def passage(words: Language, rng: random.Random, sentences: int) -> str:
    """Return some sentences of a language, in any order, with numbers and names filled in."""
    chosen = rng.sample(words.sentences, sentences)
    return " ".join(
        sentence.format(
            number=rng.randint(2, 9_999),
            decimal=f"{rng.randint(10, 99_999) / 100:.2f}",
            name=words.name(rng),
            town=rng.choice(words.towns),
            year=rng.randint(1890, 2026),
        )
        for sentence in chosen
    )


def _program(rng: random.Random) -> Iterator[str]:
    names = rng.sample(("height", "offset", "buffer", "margin", "depth", "tide", "reading"), 4)
    yield f"def {names[0]}_of({names[1]}, {names[2]}={rng.randint(2, 999)}):"
    yield f"    if {names[1]} > {rng.randint(10, 9_999)}:"
    yield f"        return {names[2]} * {rng.randint(11, 99) / 10}"
    yield f'    print("{names[3]}:", {names[1]} - {rng.randint(2, 99)})'
    for number in range(rng.randint(2, 5)):
        place, added = rng.randint(0, 255), rng.randint(16, 4095)
        yield f"    {names[3]}_{number} = {names[1]}[{place}] + 0x{added:x}"
    yield f"    return {names[3]}_0"


def _wrapped(text: str, font: str, size: float, width: float) -> Iterator[str]:
    row = ""
    for word in text.split():
        longer = f"{row} {word}".strip()
        if row and stringWidth(longer, font, size) > width:
            yield row
            longer = word
        row = longer
    yield row


def _date(rng: random.Random) -> str:
    return f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.{rng.randint(1985, 2026)}"


def _reference(rng: random.Random) -> str:
    return f"{rng.choice('ABCHKRT')}{rng.choice('ADEFSX')}-{_digits(rng, 5)}"


def _digits(rng: random.Random, number: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(number))
