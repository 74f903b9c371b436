"""Programs' windows as manuals picture them; the words in them are not transcribed."""

from pocket.drawing.coloured import painted
from pocket.drawing.figures import pictured
from pocket.drawing.press import literal
from pocket.drawing.programs import code_lines
from pocket.drawing.writing import Piece, Writer, raw_block

_MENUS = "File Edit View Search Tools Window Help Format Insert Options Project Debug Go".split()
_BUTTONS = "OK Cancel Apply Close Help Yes No Back Next Finish Browse... Reset Save Open".split()


def window(writer: Writer) -> Piece:
    """A window of one sort, whole or a part of it, at times with labels on it."""
    rng = writer.rng
    wide = writer.measure * rng.uniform(0.45, 1)
    high = wide * rng.uniform(0.3, 0.8)
    make = rng.choice((_editor, _editor, _files, _list, _dialog, _dialog, _terminal, _terminal))
    letter = rng.uniform(0.42, 0.8) * writer.size
    inner = Writer(rng, writer.source, letter, wide, writer.mono)
    rows = [_title(inner), *make(inner)]
    sizes = ", ".join("1fr" if row.startswith("#block(height: 100%") else "auto" for row in rows)
    cells = ", ".join(f"[{row}]" for row in rows)
    edge = rng.choice(("0.5pt", "0.8pt + gray", "1.5pt + luma(120)", "none"))
    look = f"fill: luma({rng.randint(225, 250)}), stroke: {edge}, radius: {rng.choice((0, 0, 4))}pt"
    size = f"width: {wide:.0f}pt, height: {min(high, 560):.0f}pt, clip: true"
    settings = f"#set text({letter:.1f}pt, font: heads)\n#set par(justify: false, leading: 0.5em)\n"
    settings += "#set block(above: 0pt, below: 0pt)\n"
    body = f"{settings}#grid(rows: ({sizes}), columns: 1fr, {cells}){_labels(inner, wide, high)}"
    return pictured(writer, f"box({look}, {size})[#set align(left)\n{body}]")


def _title(writer: Writer) -> str:
    """The bar at the top: what is open, and three buttons on one side."""
    rng = writer.rng
    tone, ink = rng.choice(((60, 255), (90, 255), (205, 0), (190, 30), (130, 255), (30, 220)))
    shape = rng.choice(
        (
            "box(circle(radius: 0.35em, fill: luma({}))),",
            "box(rect(width: 0.8em, height: 0.8em, stroke: luma({}))),",
            'text(luma({}), "x"),',
        )
    )
    buttons = f"#stack(dir: ltr, spacing: 0.4em, {shape.format(ink) * 3})"
    name = f"#text(luma({ink}))[{literal(_word(writer))} - {literal(_word(writer))}]"
    order = (buttons, name, "") if writer.chance(0.4) else ("", name, buttons)
    cells = ", ".join(f"[{cell}]" for cell in order)
    grid = f"#grid(columns: (auto, 1fr, auto), align: ({rng.choice(('left', 'center'))} + horizon)"
    return f"#block(fill: luma({tone}), width: 100%, inset: 0.4em)[{grid}, {cells})]"


def _bars(writer: Writer) -> list[str]:
    """A row of menus and a row of small pictures to press, or one of them."""
    rng = writer.rng
    names = "#h(1em)".join(map(literal, rng.sample(_MENUS, rng.randint(3, 8))))
    menus = f"#block(width: 100%, inset: 0.35em)[{names}]"
    tools = []
    for _ in range(rng.randint(4, 14)):
        tone, size = rng.randint(60, 220), "width: 1.2em, height: 1.2em"
        shape = rng.choice(("rect", "ellipse", "rect"))
        tools.append(f"#box({shape}({size}, fill: luma({tone}), stroke: 0.3pt))")
    field = f"#box(width: {rng.randint(4, 12)}em, fill: white, stroke: 0.3pt, inset: 0.25em)"
    tools.insert(rng.randint(0, len(tools)), f"{field}[{literal(_word(writer))}]")
    bar = f"#block(width: 100%, inset: 0.35em, stroke: (bottom: 0.4pt))[{'#h(0.35em)'.join(tools)}]"
    return [[menus, bar], [menus], [bar]][rng.choice((0, 0, 1, 2))]


def _filling(inner: str, tone: int = 255) -> str:
    """What takes the height that is left."""
    look = f"fill: luma({tone}), width: 100%, stroke: 0.3pt, inset: 0.3em, clip: true"
    return f"#block(height: 100%, {look})[{inner}]"


def _editor(writer: Writer) -> list[str]:
    """Code in colours with its numbers, at times beside a page as it will be printed."""
    rng = writer.rng
    dark = writer.chance(0.25)
    lines = [*code_lines(writer, 20), "", *code_lines(writer, 16)]
    first = rng.randint(1, 80) if writer.chance(0.6) else None
    code = painted(writer, lines, dark, first)
    body = _filling(code, rng.randint(20, 60) if dark else 255)
    if writer.chance(0.35):
        page = f"#block(fill: white, width: 100%, height: 100%, inset: 1.2em)[{_prose(writer)}]"
        side = f"#block(fill: luma(170), width: 100%, height: 100%, inset: 0.6em)[{page}]"
        grid = f"#grid(columns: (1fr, {rng.uniform(0.5, 1):.2f}fr), rows: 100%, [{body}], [{side}])"
        body = f"#block(height: 100%, width: 100%)[{grid}]"
    return [*_bars(writer), body, _status(writer)]


def _prose(writer: Writer) -> str:
    lines = [writer.plain(40, 200) for _ in range(writer.rng.randint(1, 5))]
    head = f"#align(center)[#text(1.4em)[{literal(writer.plain(5, 24))}]]"
    return head + "\n\n".join(map(literal, lines))


def _files(writer: Writer) -> list[str]:
    """A tree of names on the left, a list or small pictures with their names on the right."""
    rng = writer.rng
    names = []
    for _ in range(rng.randint(6, 22)):
        sign = rng.choice(("+ ", "- ", "  ", "v "))
        names.append(f"#h({rng.randint(0, 3)}em){literal(sign + _word(writer))}")
    tree = _filling(" \\ ".join(names))
    if writer.chance(0.5):
        icon = "#align(center)[#box(rect(width: 2.4em, height: 2em, fill: luma({})))\\ {}]"
        made = [
            icon.format(rng.randint(120, 220), literal(_word(writer)[:10]))
            for _ in range(rng.randint(6, 24))
        ]
        cells = ", ".join(f"[{cell}]" for cell in made)
        right = _filling(f"#grid(columns: (1fr,) * {rng.randint(3, 6)}, row-gutter: 1em, {cells})")
    else:
        right = _filling(_rows(writer))
    share = f"({rng.uniform(0.25, 0.6):.2f}fr, 1fr)"
    body = f"#grid(columns: {share}, rows: 100%, [{tree}], [{right}])"
    return [*_bars(writer), f"#block(height: 100%, width: 100%)[{body}]", _status(writer)]


def _list(writer: Writer) -> list[str]:
    return [*_bars(writer), _filling(_rows(writer)), _status(writer)]


def _rows(writer: Writer) -> str:
    """A list with heads over its columns and one line chosen."""
    rng = writer.rng
    count, deep = rng.randint(2, 5), rng.randint(5, 24)
    cells = [f"table.cell(fill: luma(215))[{literal(_word(writer))}]" for _ in range(count)]
    for _ in range(deep):
        made = (_word(writer), str(rng.randint(0, 9999)), writer.plain(3, 16))
        cells += [f"[{literal(rng.choice(made))}]" for _ in range(count)]
    chosen = rng.randint(1, deep)
    fill = f"fill: (_, y) => if y == {chosen} {{ luma(180) }} else if calc.odd(y) {{ luma(245) }}"
    options = f"columns: (1fr,) * {count}, stroke: none, inset: 0.25em, {fill}"
    return f"#table({options}, {', '.join(cells)})"


def _dialog(writer: Writer) -> list[str]:
    """Tabs, fields with labels, boxes to tick, a frame with a choice in it, buttons."""
    rng = writer.rng
    box = "#box(width: 0.8em, height: 0.8em, stroke: 0.4pt, fill: white)"
    ring = "#box(circle(radius: 0.4em, stroke: 0.4pt, fill: white))"
    rows = []
    for _ in range(rng.randint(2, 9)):
        label, value = literal(writer.plain(4, 24)), literal(_word(writer))
        field = f"#box(width: {rng.randint(6, 18)}em, fill: white, stroke: 0.4pt, inset: 0.25em)"
        rows.append(rng.choice((f"{label} {field}[{value}]", f"{box} {label}", f"{ring} {label}")))
    tabs = [f"#box(stroke: 0.4pt, inset: 0.3em)[{literal(_word(writer))}]" for _ in range(3)]
    head = "".join(tabs) + "\\ " if writer.chance(0.4) else ""
    look = "stroke: 0.5pt, inset: (x: 1.2em, y: 0.3em), radius: 2pt, fill: luma(215)"
    names = rng.sample(_BUTTONS, rng.randint(1, 4))
    buttons = "#h(0.6em)".join(f"#box({look})[{literal(name)}]" for name in names)
    body = head + "#v(0.6em)".join(f"#block[{row}]" for row in rows)
    foot = (
        f"#block(width: 100%, inset: 0.6em)[#align({rng.choice(('right', 'center'))})[{buttons}]]"
    )
    return [f"#block(height: 100%, width: 100%, inset: 1em, clip: true)[{body}]", foot]


def _terminal(writer: Writer) -> list[str]:
    """Light lines on a dark ground, a cursor after the last."""
    rng = writer.rng
    lines = [line for _ in range(rng.randint(1, 4)) for line in code_lines(writer, 12)]
    ink = f"#set text(luma({rng.randint(190, 255)}))\n"
    body = f"{ink}{raw_block(lines)}#box(width: 0.6em, height: 1em, fill: luma(220))"
    bars = _bars(writer)[:1] if writer.chance(0.4) else []
    return [*bars, _filling(body, rng.randint(0, 55))]


def _status(writer: Writer) -> str:
    rng = writer.rng
    parts = [f"Line {rng.randint(1, 900)}, col {rng.randint(1, 90)}", "UTF-8", _word(writer)]
    inner = " #h(1fr) ".join(map(literal, rng.sample(parts, rng.randint(1, 3))))
    return f"#block(width: 100%, inset: 0.3em, stroke: (top: 0.4pt))[{inner}]"


def _labels(writer: Writer, wide: float, high: float) -> str:
    """Names of a window's parts, stuck on it, on some windows."""
    rng, out = writer.rng, []
    if not writer.chance(0.2):
        return ""
    for _ in range(rng.randint(1, 5)):
        x, y = rng.uniform(0, wide * 0.8), rng.uniform(0, min(high, 560) * 0.85)
        look = f"fill: luma({rng.randint(140, 250)}), radius: 3pt, inset: 0.4em, stroke: 0.4pt"
        shown = f"box({look})[#text(1.5em)[{literal(writer.plain(4, 14))}]]"
        out.append(f"#place(top + left, dx: {x:.0f}pt, dy: {y:.0f}pt, {shown})")
    return "".join(out)


def _word(writer: Writer) -> str:
    rng = writer.rng
    return rng.choice((writer.identifier()[:14], writer.plain(3, 12), str(rng.randint(0, 999))))
