"""Slides: a title in a bar, few lines in large type, bullets, boxes, code beside its output."""

from pocket import entries
from pocket.drawing import figures, passages, tabular
from pocket.drawing.coloured import boxed, listed, painted
from pocket.drawing.press import literal
from pocket.drawing.programs import code_lines
from pocket.drawing.writing import Piece, Writer

# Marks before bullets, drawn rather than set.
_MARKS = (
    "#box(width: 0.32em, height: 0.32em, baseline: -0.12em, fill: luma({tone}))",
    "#box(circle(radius: 0.19em, fill: luma({tone})), baseline: -0.08em)",
    "#box(polygon(fill: luma({tone}), (0em, 0em), (0.4em, 0.22em), (0em, 0.44em)))",
    '#"•";',
    '#"–";',
)


def slide(writer: Writer) -> list[Piece]:
    """A title and what stands below it; or the first slide of a talk or of a part of it."""
    rng = writer.rng
    if writer.chance(0.12):
        return _opening(writer)
    pieces, room = [_title(writer)], writer.letters * rng.choice((0.1, 0.18, 0.22, 0.22))
    makers = (_bullets, _bullets, _bullets, _text, _box, _code, _code, _halves, _halves, _more)
    for _ in range(12):
        piece = rng.choice(makers)(writer)
        lines = 1 + sum(1 + len(line) // writer.letters for line in piece.text.split("\n"))
        if lines <= room:
            pieces.append(piece)
            room -= lines
    return pieces


def foot(writer: Writer) -> Piece:
    """Author, title, date and number at the foot, on a bar or bare; or the number alone."""
    rng = writer.rng
    number = rng.choice((f"{rng.randint(1, 90)} / {rng.randint(90, 160)}", str(rng.randint(1, 90))))
    most = writer.letters // 2
    parts = [entries.person(rng), writer.plain(6, 30)[:most].strip(), number]
    parts = parts[rng.choice((0, 0, 1, 2)) :]
    inner = " #h(1fr) ".join(map(literal, parts))
    inner = f"#h(1fr){inner}" if len(parts) == 1 else inner
    tone, ink = rng.choice(((255, 0), (225, 0), (200, 0), (70, 255), (30, 230), (255, 120)))
    edges = "outset: (x: 400pt, y: 0.5em, bottom: 200pt)"
    look = f"fill: luma({tone}), width: 100%, {edges if writer.chance(0.5) else 'inset: 0.3em'}"
    size = max(13, writer.size * rng.uniform(0.45, 0.7))
    return Piece(f"#text({size:.0f}pt, luma({ink}))[#block({look})[{inner}]]", " ".join(parts))


def _opening(writer: Writer) -> list[Piece]:
    """What a talk is, who gives it, where and when; or a part's name, alone."""
    rng = writer.rng
    side = rng.choice(("center", "center", "left"))
    name = writer.plain(8, 44).capitalize()
    tone, ink = rng.choice(((255, 0), (255, 60), (215, 0), (60, 255)))
    look = f"fill: luma({tone}), width: 100%, inset: 0.8em, radius: {rng.choice((0, 8))}pt"
    inner = f"#set text({rng.uniform(1.3, 1.8):.2f}em, luma({ink}), font: heads, hyphenate: false)"
    inner += f"\n#set align({side})\n{literal(name)}"
    gap = f"#v({rng.randint(60, 220)}pt)"
    pieces = [Piece(f"{gap}#block({look})[{inner}]", f"# {name}")]
    if writer.chance(0.8):
        lines = [entries.person(rng), entries.company(rng), entries.date(rng)]
        lines = lines[: rng.randint(1, 3)]
        body = " \\ ".join(map(literal, lines))
        pieces.append(Piece(f"#block(width: 100%)[#set align({side})\n{body}]", "\n".join(lines)))
    return pieces


def _title(writer: Writer) -> Piece:
    """A slide's title: on a light or dark bar, which may reach the edges, above a rule, or bare."""
    rng = writer.rng
    name = writer.plain(6, min(44, writer.letters - 6)).capitalize()
    if writer.chance(0.2):
        name += f" ({rng.randint(1, 4)}/{rng.randint(4, 6)})"
    side, scale = rng.choice(("left", "left", "center")), rng.uniform(1.15, 1.5)
    tone, ink = rng.choice(((255, 0), (255, 70), (170, 0), (220, 30), (70, 255), (25, 240)))
    edges = "outset: (x: 400pt, top: 300pt), inset: (y: 0.4em)"
    look = f"fill: luma({tone}), width: 100%, {edges if writer.chance(0.5) else 'inset: 0.4em'}"
    look += ", stroke: (bottom: 1.5pt)" if tone == 255 and writer.chance(0.4) else ""
    inner = f"#set text({scale:.2f}em, luma({ink}), font: heads, hyphenate: false)\n"
    weight = rng.choice(("regular", "bold"))
    inner += f'#set text(weight: "{weight}")\n#set align({side})\n{literal(name)}'
    below = f"{rng.uniform(0.8, 1.6):.1f}em"
    return Piece(f"#block({look}, below: {below})[{inner}]", f"# {name}")


def _bullets(writer: Writer, depth: int = 0) -> Piece:
    """Short items, at times with items of their own, under a mark of each level."""
    rng = writer.rng
    mark = rng.choice(_MARKS).format(tone=rng.randint(0, 140))
    rows, shown = [], []
    for _ in range(rng.randint(1 + (depth == 0), 5 - depth)):
        body = writer.prose(int(writer.letters * rng.choice((0.2, 0.4, 0.8, 1.4))))
        markup, text = body.markup, f"- {body.text}"
        if depth < 2 and writer.chance(0.3):
            inner = _bullets(writer, depth + 1)
            scale = rng.choice((1, 0.9, 0.85))
            markup += f"\n\n#text({scale}em)[{inner.markup}]"
            text += "\n" + "\n".join("    " + line for line in inner.text.split("\n"))
        rows.append(f"[{mark}], [{markup}]")
        shown.append(text)
    gap = rng.choice((0.6, 0.8, 1.1))
    grid = f"columns: (auto, 1fr), column-gutter: 0.5em, row-gutter: {gap}em"
    return Piece(f"#block(width: 100%)[#grid({grid}, {', '.join(rows)})]", "\n".join(shown))


def _text(writer: Writer) -> Piece:
    rng = writer.rng
    body = writer.prose(int(writer.letters * rng.choice((0.5, 1, 2, 3))))
    side = rng.choice(("left", "left", "left", "center"))
    return Piece(f"#block(width: 100%)[#set align({side})\n{body.markup}]", body.text)


def _box(writer: Writer) -> Piece:
    """A box with a title in a bar: text, bullets, or words that dots lead to their meaning."""
    rng = writer.rng
    name = rng.choice(
        ("Example", "Definition", "Theorem", "Note", writer.plain(5, 24).capitalize())
    )
    body = rng.choice((_text, _bullets, _led))(writer)
    tone, ink = rng.choice(((150, 0), (190, 0), (60, 255), (30, 255), (225, 0)))
    round_ = rng.choice((0, 5))
    head = f"fill: luma({tone}), width: 100%, inset: 0.35em, below: 0pt"
    ground = f"fill: luma({rng.randint(225, 250)}), width: 100%, inset: 0.45em, above: 0pt"
    markup = f"#block({head}, radius: (top: {round_}pt))[#set text(luma({ink}))\n{literal(name)}]"
    markup += f"#block({ground}, radius: (bottom: {round_}pt))[{body.markup}]"
    return Piece(f"#block(width: 100%)[{markup}]", f"{name}\n\n{body.text}")


def _led(writer: Writer) -> Piece:
    rng, rows, shown = writer.rng, [], []
    for _ in range(rng.randint(2, 5)):
        word = writer.identifier()[:10]
        what = writer.plain(4, max(8, writer.letters // 2))[: writer.letters // 2].strip()
        dots = "#box(width: 1fr, repeat[.])"
        rows.append(f"#text(font: mono)[{literal(word)}] {dots} {literal(what)}")
        shown.append(f"{word} ... {what}")
    return Piece(" \\ ".join(rows), "\n".join(shown))


def _code(writer: Writer) -> Piece:
    """A listing in colours, smaller than the text."""
    rng = writer.rng
    scale = rng.uniform(0.5, 0.85)
    small = Writer(rng, writer.source, writer.size * scale, writer.measure, writer.mono)
    lines, dark = code_lines(small, rng.choice((1, 2, 4, 7, 10))), writer.chance(0.3)
    body = painted(small, lines, dark)
    shown = boxed(small, body, dark) if dark or writer.chance(0.4) else body
    return Piece(f"#block(width: 100%)[#set text({scale:.2f}em)\n{shown}]", listed(lines))


def _halves(writer: Writer) -> Piece:
    """Two halves of a slide side by side, the left one said first."""
    rng = writer.rng
    half = Writer(rng, writer.source, writer.size, writer.measure * 0.47, writer.mono)
    made = [rng.choice((_bullets, _code, _text, figures.figure))(half) for _ in range(2)]
    if "image_1" in made[0].text and "image_1" in made[1].text:
        made[0] = _text(half)
    cells = ", ".join(f"[{piece.markup}]" for piece in made)
    grid = f"#grid(columns: (1fr, 1fr), column-gutter: 6%, align: {rng.choice(('top', 'horizon'))}"
    return Piece(
        f"#block(width: 100%)[{grid}, {cells})]", "\n\n".join(piece.text for piece in made)
    )


def _more(writer: Writer) -> Piece:
    rng = writer.rng
    made = rng.choice((figures.figure, tabular.table, passages.formula, passages.statement))(writer)
    return Piece(f"#block(width: 100%)[{made.markup}]", made.text)
