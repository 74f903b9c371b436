"""Forms: labelled cells in grids, boxes to tick, dotted lines, columns of labels; parts."""

from pocket import entries
from pocket.drawing import phrases
from pocket.drawing.press import literal
from pocket.drawing.tabular import Cell, arranged, html_of
from pocket.drawing.writing import Piece, Writer

_BOX = "#box(width: 0.75em, height: 0.75em, stroke: {stroke}, baseline: 0.08em)[{inner}]"
_CROSS = (
    "#line(end: (100%, 100%), stroke: {s})"
    "#place(top, line(start: (100%, 0%), end: (0%, 100%), stroke: {s}))"
)
_TICK = "#curve(stroke: {s}, curve.move((12%, 50%)), curve.line((42%, 88%)), curve.line((95%, 5%)))"
_ANSWERS = (
    "Yes;No;Male;Female;Mr;Mrs;Ms;Dr;Single;Married;Cash;Cheque;Card;Bank transfer;Daily;Weekly;"
    "Monthly;New;Renewal;Full time;Part time;Other;None;Approved;Refused;Air;Sea;Road;Urgent"
).split(";")
_CELLS = (
    "1 Shipper;2 Consignee;3 Vessel;Port of loading;Port of discharge;Marks and numbers;Gross "
    "weight;Tare;Measurement;Freight;Flag;Employer's name;Wages;Tax withheld;State;Locality;"
    "Control number;Date of issue;Place of issue;Signature;For official use;Code;Box;Reference;"
    "Account no.;Tax year;Allowance;Net pay;Tariff;Origin;Packages;Carrier;Notify party;Seal no."
).split(";")


def filled_in(writer: Writer) -> list[Piece]:
    """A form with its title, sections of one sort or another, at times a remark at its foot."""
    rng = writer.rng
    name = rng.choice(
        ("Application", "Declaration", "Bill of lading", "Statement of wages", "Order")
    )
    name += rng.choice(("", f" {entries.part_number(rng)}", f" {rng.randint(2001, 2030)}"))
    scale = rng.uniform(1.1, 1.7)
    pieces = [Piece(f"#block[#text({scale:.2f}em)[#strong[{literal(name)}]]]", f"# {name}")]
    for number in range(rng.randint(2, 5)):
        if writer.chance(0.35):
            pieces.append(_section(writer, number))
        pieces.append(rng.choice((cells, cells, cells, ticked, ticked, dotted, columns))(writer))
    if writer.chance(0.4):
        text = writer.plain(30, 260) + "."
        pieces.append(Piece(f"#block[#text(0.8em)[{literal(text)}]]", text))
    return pieces


def cells(writer: Writer) -> Piece:
    """A grid of cells, each with a small label above or before its value, as on tax forms."""
    rng = writer.rng
    count = rng.randint(2, min(4, max(2, writer.letters // 22)))
    most = max(6, writer.letters // count - 4)
    above, scale = writer.chance(0.75), rng.uniform(0.62, 0.85)
    look, mono = rng.choice(("text", "text", "strong", "emph")), writer.chance(0.25)
    markup, rows = [], []
    labels = rng.sample(_CELLS + phrases.FIELDS + phrases.DETAILS, count * 8)
    for _ in range(rng.randint(2, 8)):
        row, left = [], count
        while left:
            span = rng.choice((1, 1, 1, min(2, left)))
            left -= span
            label = _cut(labels.pop(), most)
            value = "" if writer.chance(0.15) else _cut(_value(writer), most * span)
            row.append(Cell(f"{label} {value}".strip(), columns=span))
            small = f"#text({scale:.2f}em)[#{look}[{literal(label)}]]"
            shown = f"#text(font: mono, 0.9em)[{literal(value)}]" if mono else literal(value)
            joint = "#linebreak()" if above else literal(" ")
            markup.append(f"table.cell(colspan: {span})[{small}{joint}{shown}]")
        rows.append(row)
    stroke = rng.choice(("0.5pt", "0.5pt", "1pt", "0.6pt + gray"))
    inset = f"inset: (x: 0.35em, y: {rng.uniform(0.2, 0.5):.2f}em)"
    options = f"columns: (1fr,) * {count}, stroke: {stroke}, {inset}"
    options += f", fill: luma({rng.randint(225, 250)})" if writer.chance(0.15) else ""
    return _whole(f"#table({options}, {', '.join(markup)})", html_of(rows))


def ticked(writer: Writer) -> Piece:
    """Questions with answers to tick, beside each other or each on a line of its own."""
    rng = writer.rng
    stroke, before = rng.choice(("0.5pt", "0.8pt", "1pt")), writer.chance(0.8)
    mark = rng.choice((_CROSS, _CROSS, _TICK)).format(s=stroke)
    rows, shown = [], []
    for _ in range(rng.randint(1, 6)):
        question = writer.plain(4, max(10, writer.letters // 3)).capitalize()
        question += rng.choice((":", "?", ""))
        markup, text = [literal(question)], [question]
        below = writer.chance(0.2)
        for answer in rng.sample(_ANSWERS, rng.randint(2, 3)):
            chosen = writer.chance(0.4)
            box = _BOX.format(stroke=stroke, inner=mark if chosen else "")
            said = "[x]" if chosen else "[ ]"
            pair = (box, literal(answer)) if before else (literal(answer), box)
            markup.append(f"#box[{literal(' ').join(pair)}]")
            text.append(f"{said} {answer}" if before else f"{answer} {said}")
        rows.append((" \\ " if below else "#h(1em)").join(markup))
        shown.append(("\n" if below else " ").join(text))
    return _whole(" \\ ".join(rows), "\n".join(shown))


def dotted(writer: Writer) -> Piece:
    """Labels with dots after them to write on, some written on, one or two in a line."""
    rng = writer.rng
    dots = rng.choice((".", ".", r"\_", "#h(0.2em)."))
    rows, shown = [], []
    for _ in range(rng.randint(2, 8)):
        markup, text = [], []
        labels = rng.sample(phrases.FIELDS, rng.choice((1, 1, 2)))
        for label in labels:
            value = _cut(_value(writer), 14) if writer.chance(0.3) else ""
            said = f"{label} {value}".strip()
            markup.append(f"{literal(said + ' ')}#box(width: 1fr, repeat[{dots}])")
            text.append(f"{said} {dots[-1] * 8}")
        rows.append(literal(" ").join(markup))
        shown.append(" ".join(text))
    return _whole(" \\ ".join(rows), "\n".join(shown))


def columns(writer: Writer) -> Piece:
    """Labels with their values in two to four columns, one column said after the other."""
    rng = writer.rng
    count = min(rng.choice((2, 2, 3, 4)), max(1, writer.letters // 26))
    most, bold, above = writer.letters // count - 5, writer.chance(0.5), writer.chance(0.3)
    mark, deep = rng.choice((":", ":", "")), rng.randint(1, 6)
    markup, shown = [], []
    for _ in range(count):
        lines, text = [], []
        for label in rng.sample(phrases.DETAILS + phrases.FIELDS, deep):
            name = _cut(label, most // 2) + mark
            value = _cut(_value(writer), most if above else most - len(name) - 2)
            head = f"#strong[{literal(name)}]" if bold else literal(name)
            lines += [head, literal(value)] if above else [f"{head}{literal(' ' + value)}"]
            text += [name, value] if above else [f"{name} {value}"]
        markup.append("[" + " \\ ".join(lines) + "]")
        shown.append("\n".join(text))
    options = f"columns: (1fr,) * {count}, column-gutter: 1em"
    return _whole(f"#grid({options}, {', '.join(markup)})", "\n\n".join(shown))


def parts(writer: Writer) -> Piece:
    """Things with their numbers, quantities and sizes: a table or lines, in small type."""
    rng = writer.rng
    scale = rng.uniform(0.7, 1)
    kinds = ["code", "word", "number", "number"][: rng.choice((2, 3, 4))]
    rows = []
    for _ in range(rng.choice((4, 8, 16, 26))):
        good = f"{rng.choice(phrases.GOODS)} {rng.choice(phrases.KINDS)}"
        row = [rng.choice((entries.alike, entries.part_number))(rng), good]
        row += [rng.choice((entries.alike(rng), str(rng.randint(1, 500)))), entries.amount(rng, 99)]
        rows.append([_cut(text, max(8, writer.letters // 3)) for text in row[: len(kinds)]])
    if writer.chance(0.6):
        made = [[Cell(text, mono=n == 0) for n, text in enumerate(row)] for row in rows]
        inner, said = arranged(writer, kinds, made), html_of(made)
    else:
        joint = rng.choice((" ", ", ", " - "))
        lines = [joint.join(row) for row in rows]
        inner, said = " \\ ".join(map(literal, lines)), "\n".join(lines)
    return _whole(f"#set text({scale:.2f}em)\n{inner}", said)


def _whole(inner: str, text: str) -> Piece:
    """A piece over the whole width, its words uncut and its lines ragged."""
    plain = "#set par(justify: false, first-line-indent: 0pt)\n#set text(hyphenate: false)\n"
    return Piece(f"#block(above: 0.9em, below: 0.9em, width: 100%)[{plain}{inner}]", text)


def _section(writer: Writer, number: int) -> Piece:
    """A section's heading, at times on a bar."""
    rng = writer.rng
    part = rng.choice((f"Part {number + 1}", f"{number + 1}.", f"Section {'ABCDE'[number]}", ""))
    name = f"{part} {writer.plain(4, 24).capitalize()}".strip()
    tone, ink = rng.choice(((255, 0), (220, 0), (60, 255), (0, 255)))
    look = f"fill: luma({tone}), width: 100%, inset: (x: 0.3em, y: 0.3em), sticky: true"
    return Piece(f"#block({look})[#set text(luma({ink}))\n#strong[{literal(name)}]]", f"## {name}")


def _value(writer: Writer) -> str:
    return entries.unguessable(writer.rng) if writer.chance(0.8) else writer.plain(3, 20)


def _cut(text: str, most: int) -> str:
    return text[: max(4, most)].strip() or "1"
