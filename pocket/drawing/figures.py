"""Pictures: shapes, diagrams, plots and windows. What is written in them is not transcribed."""

import itertools
import random
from dataclasses import replace

from pocket.drawing.press import literal, quoted
from pocket.drawing.writing import Piece, Writer, together

_TIP = "polygon(fill: black, (0pt, 0pt), (5pt, 3.5pt), (0pt, 7pt))"


def figure(writer: Writer) -> Piece:
    """A picture of one kind, at times framed or with a caption; it stands for itself."""
    rng = writer.rng
    width, height = writer.measure * rng.uniform(0.4, 1), rng.uniform(60, 300)
    draw = rng.choice((_shapes, _diagram, _diagram, _plot, _plot, _window))
    stroke = rng.choice(("none", "none", "0.5pt"))
    frame = f"width: {width:.0f}pt, height: {height:.0f}pt, stroke: {stroke}, clip: true"
    small = f"#set text({rng.uniform(0.6, 1):.2f}em)\n"
    return pictured(writer, f"box({frame})[{small}{draw(writer, width, height)}]")


def pictured(writer: Writer, box: str) -> Piece:
    """A picture with a caption below it, or with none."""
    rng = writer.rng
    parts = [Piece(f"#align(center, {box})", "![image](image_1.png)")]
    if writer.chance(0.7):
        label = rng.choice(("Figure", "Figure", "Fig.", "Abbildung", "Figura"))
        caption = f"{label} {rng.randint(1, 40)}{rng.choice('.:')} {writer.plain(10, 140)}"
        side = rng.choice(("center", "left"))
        set_ = f"#align({side}, text(0.92em)[{literal(caption)}])"
        parts.append(Piece(set_, caption, label="caption"))
    whole = together(*parts)
    return replace(whole, markup=f"#block(breakable: false)[{whole.markup}]")


def _at(x: float, y: float, what: str) -> str:
    return f"#place(dx: {x:.1f}pt, dy: {y:.1f}pt, {what})"


def _line(x: float, y: float, to_x: float, to_y: float, stroke: str = "0.6pt") -> str:
    return _at(x, y, f"line(end: ({to_x - x:.1f}pt, {to_y - y:.1f}pt), stroke: {stroke})")


def _word(writer: Writer) -> str:
    """A label: a name, a word or two, a number."""
    rng = writer.rng
    word = rng.choice((writer.identifier(), writer.plain(3, 14), str(rng.randint(0, 999))))
    return f"text(font: {rng.choice(('mono', 'heads', 'heads'))}, {quoted(word)})"


def _shapes(writer: Writer, width: float, height: float) -> str:
    rng, out = writer.rng, []
    for _ in range(rng.randint(4, 16)):
        w, h, grey = rng.uniform(4, width * 0.3), rng.uniform(4, height * 0.3), rng.randint(0, 230)
        bend = f"curve.quad(({w / 2:.0f}pt, 0pt), ({w:.0f}pt, {h:.0f}pt))"
        shape = rng.choice(
            (
                f"rect(width: {w:.0f}pt, height: {h:.0f}pt, fill: luma({grey}))",
                f"ellipse(width: {w:.0f}pt, height: {h:.0f}pt, stroke: luma({grey}))",
                f"line(end: ({w:.0f}pt, {h:.0f}pt), stroke: luma({grey}))",
                f"curve(stroke: luma({grey}), curve.move((0pt, {h:.0f}pt)), {bend})",
            )
        )
        out.append(_at(rng.uniform(0, width * 0.7), rng.uniform(0, height * 0.7), shape))
    return "".join(out)


def _diagram(writer: Writer, width: float, height: float) -> str:
    """Labelled boxes and ellipses in rows, with arrows between them."""
    rng, out = writer.rng, []
    columns, rows = rng.randint(2, 5), rng.randint(1, 4)
    wide, high = width / columns, height / rows
    centres = []
    for number in range(columns * rows):
        if rng.random() < 0.25:
            continue
        x, y = (number % columns + 0.5) * wide, (number // columns + 0.5) * high
        centres.append((x, y))
        shape = rng.choice(("rect", "rect", "ellipse"))
        look = rng.choice(("stroke: 0.6pt", "stroke: 1pt", "fill: luma(225), stroke: 0.4pt"))
        size = f"width: {0.7 * wide:.1f}pt, height: {min(0.55 * high, 40):.1f}pt"
        shown = f"{shape}({size}, {look}, inset: 1pt, align(center + horizon, {_word(writer)}))"
        out.append(_at(x - 0.35 * wide, y - min(0.55 * high, 40) / 2, shown))
    for (x, y), (to_x, to_y) in itertools.pairwise(centres):
        if abs(to_y - y) < 1:
            out.append(_line(x + 0.35 * wide, y, to_x - 0.35 * wide, to_y))
            out.append(_at(to_x - 0.35 * wide - 5, to_y - 3.5, _TIP))
        elif rng.random() < 0.5:
            out.append(_line(x, y + 20, to_x, to_y - 20))
        if rng.random() < 0.3:
            out.append(_at((x + to_x) / 2 - 8, (y + to_y) / 2 - 12, _word(writer)))
    return "".join(out)


def _plot(writer: Writer, width: float, height: float) -> str:
    """Axes with ticks and their numbers, curves or bars or dots, at times a grid and a title."""
    rng, out = writer.rng, []
    left, right, top, bottom = 30.0, width - 8, 16.0, height - 22
    ticks, lowest, step = rng.randint(3, 8), rng.randint(-5, 20), rng.choice((0.1, 0.5, 1, 5, 20))
    grid = rng.random() < 0.4
    for tick in range(ticks):
        share = tick / (ticks - 1)
        x, y = left + share * (right - left), bottom - share * (bottom - top)
        value = f'text(0.85em, "{lowest + tick * step:g}")'
        out.append(_at(x - 5, bottom + 4, value) + _at(4, y - 4, value))
        to = (top, right) if grid else (bottom - 4, left + 4)
        out.append(_line(x, bottom, x, to[0], "0.3pt") + _line(left, y, to[1], y, "0.3pt"))
    out.append(_line(left, bottom, right, bottom) + _line(left, top, left, bottom))
    for _ in range(rng.randint(1, 4)):
        out.append(_series(rng, left, right, top, bottom))
    if rng.random() < 0.5:
        out.append(_at(width / 2 - 30, 1, _word(writer)))
    if rng.random() < 0.5:
        out.append(_at(right - 50, top + 4, _word(writer)))
    return "".join(out)


def _series(rng: random.Random, left: float, right: float, top: float, bottom: float) -> str:
    count, y = rng.randint(4, 30), rng.uniform(top, bottom)
    points = []
    for number in range(count):
        y = min(bottom, max(top, y + rng.uniform(-0.25, 0.25) * (bottom - top)))
        points.append((left + number / (count - 1) * (right - left), y))
    match rng.randrange(3):
        case 0:
            pairs = itertools.pairwise(points)
            return "".join(_line(*a, *b, "0.8pt") for a, b in pairs)
        case 1:
            return "".join(_at(x - 2, y - 2, "circle(radius: 2pt)") for x, y in points)
        case _:
            wide = 0.6 * (right - left) / count
            bar = lambda y: f"rect(width: {wide:.1f}pt, height: {bottom - y:.1f}pt, fill: gray)"  # noqa: E731
            return "".join(_at(x, y, bar(y)) for x, y in points[:-1])


def _window(writer: Writer, width: float, height: float) -> str:
    """A program's window: a title, a menu, small lines of text, a few buttons."""
    rng = writer.rng
    bar = f"height: 14pt, fill: luma({rng.randint(60, 200)})"
    out = [
        _at(0, 0, f"rect(width: {width:.0f}pt, {look})")
        for look in (f"height: {height:.0f}pt, fill: luma(238)", bar)
    ]
    out.append(_at(8, 3, _word(writer)))
    out += [_at(8 + 44 * n, 17, _word(writer)) for n in range(rng.randint(2, 6))]
    size = f"width: {width - 12:.0f}pt, height: {max(10, height - 50):.0f}pt"
    out.append(_at(6, 28, f"rect({size}, fill: white, stroke: 0.4pt)"))
    for row in range(rng.randint(2, max(3, int((height - 60) / 9)))):
        text = quoted(writer.plain(10, 60))
        out.append(_at(10 + rng.choice((0, 0, 12)), 31 + 9 * row, f"text(6pt, font: mono, {text})"))
    for button in range(rng.randint(0, 3)):
        label = f"text(7pt, {quoted(writer.plain(3, 9))})"
        shown = f"rect(fill: luma(215), stroke: 0.4pt, inset: 2pt, {label})"
        out.append(_at(width - 60 * (button + 1), height - 18, shown))
    return "".join(out)
