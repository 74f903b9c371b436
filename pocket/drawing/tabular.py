"""Tables with spanning heads and cells of several lines and forms, set by Typst."""

from dataclasses import dataclass
from html import escape

from pocket.drawing.press import literal
from pocket.drawing.writing import Piece, Writer, together
from pocket.entries import amount, unguessable


@dataclass(frozen=True)
class Cell:
    """Text over so many columns and rows; `head` cells are headings."""

    text: str
    columns: int = 1
    rows: int = 1
    head: bool = False
    mono: bool = False

    @property
    def html(self) -> str:
        tag = "th" if self.head else "td"
        span = f' colspan="{self.columns}"' if self.columns > 1 else ""
        span += f' rowspan="{self.rows}"' if self.rows > 1 else ""
        return f"<{tag}{span}>{escape(self.text, quote=False)}</{tag}>"

    @property
    def markup(self) -> str:
        inner = literal(self.text)
        inner = f"#text(font: mono)[{inner}]" if self.mono else inner
        centred = ", align: center + horizon" if self.columns > 1 or self.rows > 1 else ""
        span = f"colspan: {self.columns}, rowspan: {self.rows}{centred}"
        return f"table.cell({span})[{f'#strong[{inner}]' if self.head else inner}]"


def table(writer: Writer, most: int = 30) -> Piece:
    """A table with its caption, if it has one, above or below."""
    rng = writer.rng
    most_columns = min(8, max(2, writer.letters // 12))
    kinds = [
        rng.choice(("number", "number", "word", "word", "code"))
        for _ in range(rng.randint(2, most_columns))
    ]
    kinds[0] = rng.choice(("word", "word", "code", "number"))
    if rng.random() < 0.15:  # figures, as statements and measurements have them
        kinds[1:] = ["number"] * (len(kinds) - 1)
    elif rng.random() < 0.35:
        kinds = kinds[: 3 if most_columns > 4 else 2]
        kinds[-1] = "text"
    count = rng.choice((2, 3, 4, 5, 6, 8, 12, 18, most))
    # Three tables in four have words that fit their column, as most printed tables do.
    short = max(3, _widest(writer, len(kinds))) if writer.chance(0.75) else 18
    rows = _head(writer, kinds, short) + _body(writer, kinds, count, short)
    text = html_of(rows)
    markup = arranged(writer, kinds, rows)
    if writer.chance(0.35):
        label = rng.choice(("Table", "Table", "Tabelle", "Tableau"))
        caption = f"{label} {rng.randint(1, 30)}{rng.choice('.:')} {writer.plain(8, 90)}"
        set_ = f"#align({rng.choice(('center', 'left'))}, text(0.92em)[{literal(caption)}])"
        parts = Piece(set_, caption, label="caption"), Piece(markup, text)
        return together(*(parts if writer.chance(0.6) else parts[::-1]))
    return Piece(markup, text)


def _head(writer: Writer, kinds: list[str], short: int) -> list[list[Cell]]:
    """The headings, in one row or under others that span some; of `short` letters or few more."""
    rng, count = writer.rng, len(kinds)
    if rng.random() < 0.1:
        return []
    words = [
        writer.plain(2, min(short, 9 if kind == "number" else 16)).capitalize() for kind in kinds
    ]
    names = [Cell(_cut(text, _widest(writer, count)), head=True) for text in words]
    if count < 4 or rng.random() < 0.7:
        return [names]
    spans, at = [], 1
    while at < count:
        width = min(count - at, rng.randint(1, 3))
        text = _cut(writer.plain(3, 8 * width).capitalize(), _widest(writer, count))
        spans.append(Cell(text, columns=width, head=True))
        at += width
    return [[Cell(names[0].text, rows=2, head=True), *spans], names[1:]]


def _body(writer: Writer, kinds: list[str], count: int, short: int) -> list[list[Cell]]:
    rng, rows, widest = writer.rng, [], _widest(writer, len(kinds))
    empty, style = rng.choice((0, 0, 0.05, 0.2)), rng.choice(("int", "decimal", "money", "mixed"))
    sections = rng.random() < 0.1
    while len(rows) < count:
        if sections and rng.random() < 0.2:
            text = _cut(writer.plain(4, 20).capitalize(), writer.letters // 2)
            rows.append([Cell(text, columns=len(kinds))])
            continue
        deep = rng.randint(2, 3) if rng.random() < 0.05 else 1
        for line in range(deep):
            row = [
                Cell(
                    "" if n and rng.random() < empty else _text(writer, kind, style, widest, short),
                    mono=kind == "code",
                )
                for n, kind in enumerate(kinds)
            ]
            if deep > 1:
                row = (
                    row[1:] if line else [Cell(row[0].text, rows=deep, mono=row[0].mono), *row[1:]]
                )
            rows.append(row)
    return rows


def _text(writer: Writer, kind: str, style: str, widest: int, short: int) -> str:
    rng = writer.rng
    if kind == "code":
        return _cut(writer.identifier(), int(widest * 0.75))
    if kind == "word":
        return _cut(writer.plain(2, min(18, short)), widest)
    if kind == "text":
        return _cut(writer.plain(10, rng.choice((40, 120))), widest)
    if style == "int":
        return str(rng.randint(0, 10 ** rng.randint(1, 5)))
    if style in {"decimal", "money"}:
        number = f"{rng.uniform(-10, 100):.{rng.choice((1, 2, 2, 3))}f}"
        return number if style == "decimal" else rng.choice("$$€£") + amount(rng)
    return _cut(unguessable(rng)[: min(14, short)].strip(), widest)


def _widest(writer: Writer, columns: int) -> int:
    """How many letters a word may have to fit its share of the line."""
    return writer.letters // columns - 4


def _cut(text: str, most: int) -> str:
    """The text with no word longer than `most`: longer ones would run into the next column."""
    return " ".join(word[:most] for word in text.split())


def html_of(rows: list[list[Cell]]) -> str:
    """The table's transcript."""
    inner = "\n".join("<tr>" + "".join(cell.html for cell in row) + "</tr>" for row in rows)
    return f"<table>\n{inner}\n</table>"


def arranged(writer: Writer, kinds: list[str], rows: list[list[Cell]]) -> str:
    """The table's markup, with the rules, shades and alignment of one of many styles."""
    rng = writer.rng
    right = rng.choice(("right", "right", "left", "center"))
    align = ", ".join(right if kind == "number" else "left" for kind in kinds)
    wide = rng.random() < 0.5
    sizes = ", ".join(
        "1fr" if kind == "text" or (wide and kind != "number") else "auto" for kind in kinds
    )
    stroke = rng.choice(
        (
            "0.5pt",
            "0.7pt",
            "none",
            "none",
            "none",
            "(y: 0.5pt, x: none)",
            "(x: 0.5pt, y: none)",
            "1pt + gray",
        )
    )
    fill = rng.choice(
        ("none",) * 6
        + ("(_, y) => if calc.odd(y) { luma(235) }", "(_, y) => if y == 0 { luma(215) }")
    )
    inset = f"(x: {rng.uniform(0.25, 0.8):.2f}em, y: {rng.uniform(0.15, 0.5):.2f}em)"
    # Two columns without a rule are the lines of a form, and read as such.
    ruled = stroke == "none" and (len(kinds) == 2 or rng.random() < 0.5)
    lines = "table.hline(stroke: 0.8pt)," if ruled else ""
    heads = 2 if any(cell.rows == 2 and cell.head for cell in rows[0]) else 1
    cells = [f"{lines}" if n in (0, heads) else "" for n in range(len(rows))]
    body = "".join(
        mark + "".join(cell.markup + "," for cell in row) + "\n"
        for mark, row in zip(cells, rows, strict=True)
    )
    options = (
        f"columns: ({sizes},), align: ({align},), stroke: {stroke}, fill: {fill}, inset: {inset}"
    )
    # Cells are ragged and words whole, as compositors set tables.
    plain = "#set par(justify: false)\n#set text(hyphenate: false)\n"
    inner = f"text({rng.uniform(0.8, 1):.2f}em)[{plain}#table({options},\n{body}{lines})]"
    return f"#align({rng.choice(('center', 'left'))}, {inner})"


def form(writer: Writer) -> Piece:
    """Labels with their values, as on forms, invoices and title blocks."""
    rng = writer.rng
    where = rng.choice(("auto", "auto", "30%", "45%", "1fr"))
    to_right = where == "1fr"
    ruled, colon, bold = writer.chance(0.2), writer.chance(0.7), writer.chance(0.5)
    cells, shown, widest = [], [], int(writer.letters * 0.28) - 1
    for _ in range(rng.randint(2, 14)):
        label = _cut(writer.plain(3, 16).capitalize(), widest) + (":" if colon else "")
        value = unguessable(rng) if writer.chance(0.6) else writer.plain(3, 26)
        value = _cut(value, widest if writer.letters < 60 else 26)
        inner = literal(label)
        cells.append(f"[{f'#strong[{inner}]' if bold else inner}], [{literal(value)}]")
        shown.append(f"{label} {value}")
    last = "auto" if to_right else "1fr"
    stroke = "(bottom: 0.5pt, rest: none)" if ruled else "none"
    inset = f"(x: 0.4em, y: {rng.uniform(0.2, 0.6):.1f}em)"
    options = f"columns: ({where}, {last}), stroke: {stroke}, inset: {inset}"
    return Piece(f"#table({options},\n{','.join(cells)})", "\n".join(shown))
