"""Code in colours on light or dark ground, and pages that show what their code prints."""

import random
import re

from pocket.drawing import figures, passages
from pocket.drawing.press import literal, quoted
from pocket.drawing.programs import apart, code_lines, fenced
from pocket.drawing.writing import Piece, Writer, raw_block

_COMMENT = r"(//|#|--|%|;|!).*"
_STRING = r'"[^"]*"' + r"|'[^']*'"


def coloured(writer: Writer, most: int = 45) -> Piece:
    """A listing in colours: bare, framed or on a ground, at times numbered or under its name."""
    rng = writer.rng
    lines = _lines(writer, rng.choice((3, 6, 10, 16, 24, most)))
    dark = writer.chance(0.45)
    first = rng.choice((1, 1, 1, rng.randint(2, 900))) if writer.chance(0.3) else None
    right = writer.chance(0.15)
    body = painted(writer, lines, dark, first, right)
    name = _name(writer) if writer.chance(0.2) else ""
    code = boxed(writer, body, dark, name)
    text = listed(lines, first, right)
    return Piece(code, f"{name}\n\n{text}" if name else text)


def beside(writer: Writer) -> Piece:
    """Two listings side by side, the left one said first; the second may go on with the numbers."""
    rng = writer.rng
    if writer.letters < 60:
        return coloured(writer, 12)
    half = Writer(rng, writer.source, writer.size, writer.measure * 0.47, writer.mono)
    cells, shown = [], []
    numbered, going_on = writer.chance(0.6), writer.chance(0.5)
    dark, framed = writer.chance(0.2), writer.chance(0.4)
    first = rng.choice((1, 1, rng.randint(2, 400)))
    for _ in range(2):
        lines = _lines(half, rng.choice((3, 5, 8, 14, 22)))
        body = painted(half, lines, dark, first if numbered else None)
        cells.append(f"[{boxed(half, body, dark) if framed or dark else body}]")
        shown.append(listed(lines, first if numbered else None))
        first = first + len(lines) if going_on else 1
    across = rng.choice(("top", "top", "horizon"))
    options = f"columns: (1fr, 1fr), column-gutter: 6%, align: {across}"
    return Piece(apart(f"#grid({options}, {', '.join(cells)})"), "\n\n".join(shown))


def examples(writer: Writer) -> list[Piece]:
    """Text, the code that it is about, a rule, and what the code prints, at times in frames."""
    pieces = [_banner(writer)] if writer.chance(0.6) else [passages.heading(writer)]
    for _ in range(writer.rng.choice((1, 1, 2, 3))):
        for _ in range(writer.rng.randint(1, 3)):
            pieces.append(passages.paragraph(writer))
        pieces += [coloured(writer), *_output(writer)]
    return pieces


def painted(
    writer: Writer, lines: list[str], dark: bool, first: int | None = None, right: bool = False
) -> str:
    """A block of code with some of its words, its strings, numbers and comments in colours.

    `first` is the number of the first line, before the code or at the `right`.
    """
    rng = writer.rng
    words = sorted({word for line in lines for word in re.findall(r"\b[A-Za-z_]\w+\b", line)})
    chosen = rng.sample(words, min(len(words), rng.randint(1, 10)))
    patterns = [rf"\b({'|'.join(chosen)})\b"] if chosen else []
    patterns += [
        pattern
        for pattern, share in ((_STRING, 0.7), (r"\b\d+\b", 0.4), (r"[@$:\\]\w+", 0.4))
        if writer.chance(share)
    ]
    patterns += [_COMMENT] if writer.chance(0.6) else []
    patterns = rng.sample(patterns, min(3, len(patterns)))  # each costs time
    rules = "".join(
        f"#show regex({quoted(pattern)}): set text({_look(rng, dark)})\n" for pattern in patterns
    )
    ink = f"#set text(luma({rng.randint(205, 255) if dark else rng.randint(0, 60)}))\n"
    return f"#[{ink}{rules}{_numbers(rng, dark, first, right)}{raw_block(lines)}]"


def listed(lines: list[str], first: int | None = None, right: bool = False) -> str:
    """The transcript of code with its numbers, if it has any; without them empty lines go."""
    if first is not None:
        pairs = [(line, str(first + n)) for n, line in enumerate(lines)]
        lines = [" ".join(filter(None, pair if right else pair[::-1])) for pair in pairs]
    return fenced([line for line in lines if line.strip()])


def boxed(writer: Writer, body: str, dark: bool, name: str = "") -> str:
    """Code on its ground, in a frame, with a name in a bar above it, or bare."""
    rng = writer.rng
    tone = rng.randint(0, 75) if dark else rng.randint(225, 255)
    frame = rng.choice(("none", "none", "0.5pt", "0.8pt + gray", "(top: 1pt, bottom: 1pt)"))
    if not dark and frame == "none" and writer.chance(0.5):
        tone = 255
    round_ = rng.choice((0, 0, 3, 6))
    inset = f"inset: {rng.uniform(0.4, 1):.2f}em"
    wide = rng.choice((0, 0, 0, 0.4, writer.size)) if dark and writer.letters > 60 else 0
    look = f"fill: luma({tone}), stroke: {frame}, {inset}, outset: (x: {wide}pt), width: 100%"
    look += f", radius: {round_}pt" if frame[0] != "(" else ""
    if not name:
        return apart(f"#block({look})[{body}]")
    bar = rng.choice(((230, 0), (200, 0), (90, 255), (20, 255)))
    head = f"#set text(luma({bar[1]}))\n{literal(name)}"
    above = f"#block(fill: luma({bar[0]}), {inset}, width: 100%, below: 0pt)[{head}]"
    return apart(f"{above}#block({look}, above: 0pt)[{body}]")


def _lines(writer: Writer, count: int) -> list[str]:
    """Lines of code with empty ones between some; at times a few lines again and again, varied."""
    rng = writer.rng
    lines = code_lines(writer, count)
    if writer.chance(0.2):
        few = lines[: rng.randint(2, 7)]
        words = re.findall(r"[A-Za-z_]\w+", " ".join(few)) or ["x"]
        old = rng.choice(words)
        copies = ["\n".join(few).replace(old, rng.choice(words)) for _ in range(rng.randint(1, 4))]
        lines = [line for copy in ["\n".join(few), *copies] for line in [*copy.split("\n"), ""]]
        most = max(map(len, few))
        lines = [line[:most] for line in lines]
    share, out = rng.choice((0, 0, 0.1, 0.25)), []
    for line in lines:
        out += [line, ""] if line and rng.random() < share else [line]
    while not out[-1]:
        out.pop()
    return out


def _look(rng: random.Random, dark: bool) -> str:
    light = rng.randint(68, 90) if dark else rng.randint(10, 42)
    colour = f"fill: color.hsl({rng.randint(0, 359)}deg, {rng.randint(20, 100)}%, {light}%)"
    return colour + rng.choice(("", "", ', weight: "bold"', ', style: "italic"'))


def _numbers(rng: random.Random, dark: bool, first: int | None, right: bool) -> str:
    """Typst's rule for small numbers before the lines, or at their right."""
    if first is None:
        return ""
    colour = f"luma({rng.randint(150, 230) if dark else rng.choice((0, 0, 60, 100, 130))})"
    face = rng.choice(("", "", ", font: heads"))
    number = f"text({rng.uniform(0.5, 0.9):.2f}em, {colour}{face})[#(it.number + {first - 1})]"
    box = f"box(width: 2em, align(right, {number}))"
    gap = f"h({rng.uniform(0.3, 1):.2f}em)"
    line = f"it.body; h(1fr); {box}" if right else f"{box}; {gap}; it.body"
    return f"#show raw.line: it => {{ {line} }}\n"


def _name(writer: Writer) -> str:
    """What stands above a listing: a file or its number and a title."""
    rng = writer.rng
    kind = rng.choice(("Listing {}", "Listing {}:", "Example {}.", "Code {}", "", ""))
    ending = rng.choice((".c", ".rb", ".py", ".tex", ".sh", ""))
    name = writer.identifier() + ending if writer.chance(0.5) else writer.plain(4, 30)
    return f"{kind.format(rng.randint(1, 40))} {name}".strip()


def _banner(writer: Writer) -> Piece:
    """A file's name in large type on a light or dark band over the whole page."""
    rng = writer.rng
    name = "/".join(writer.identifier().strip("\\/<>") for _ in range(rng.randint(1, 2)))
    name = name[: int(writer.letters * 0.45)]
    ground, ink = rng.choice(((240, 0), (225, 60), (60, 255), (255, 30)))
    band = f"fill: luma({ground}), width: 100%, outset: (x: 400pt, top: 200pt), inset: (y: 0.8em)"
    inner = f"#set text({rng.uniform(1.3, 1.9):.2f}em, luma({ink}), font: heads)\n{literal(name)}"
    return Piece(f"#block({band}, below: 1.6em)[{inner}]", f"# {name}")


def _output(writer: Writer) -> list[Piece]:
    """What an example prints: lines far apart, frames beside each other, a picture, code."""
    rng = writer.rng
    match rng.randrange(5):
        case 0:
            pieces = [repeated(writer) for _ in range(rng.randint(1, 5))]
        case 1:
            pieces = [frames(writer)]
        case 2:
            pieces = [figures.figure(writer)]
        case 3:
            lines = code_lines(writer, rng.choice((1, 3, 6)))
            markup = boxed(writer, painted(writer, lines, False), False)
            pieces = [Piece(markup, fenced(lines))]
        case _:
            pieces = []
    if pieces and writer.chance(0.5):
        stroke = rng.choice(('(dash: "dashed")', "0.5pt", '(dash: "dotted")'))
        pieces.insert(0, Piece(f"#line(length: 100%, stroke: {stroke})", ""))
    return pieces


def repeated(writer: Writer) -> Piece:
    """A sentence by itself in another size or face, said once or again and again."""
    rng = writer.rng
    text = writer.plain(8, max(12, writer.letters // 2), scale=2) + rng.choice((".", "", "!"))
    text = " ".join([text] * rng.choice((1, 1, 1, 3, 6)))
    look = rng.choice(
        ("font: heads", "font: mono", 'style: "italic"', f"luma({rng.randint(0, 130)})")
    )
    size = f"{rng.uniform(0.8, 1.5):.2f}em"
    return Piece(f"#block(above: 1.3em)[#text({size}, {look})[{literal(text)}]]", text)


def frames(writer: Writer) -> Piece:
    """Frames in a row, each with the same few words over and over, at times a row of dots."""
    rng, cells, shown = writer.rng, [], []
    count, tight = rng.choice((2, 2, 3)), rng.choice((1, 2, 6))
    for _ in range(count):
        text = writer.plain(10, 40, scale=1.4 * count) + ". "
        text = (text * rng.choice((1, 2, 4, 9))).strip()
        dots = " \\ ".join(["#box(width: 1fr, repeat[.#h(0.4em)])"] * rng.randint(1, 5))
        dots = f" {dots}" if writer.chance(0.15) else ""
        inner = f"#set par(justify: false)\n#set text(hyphenate: false)\n{literal(text)}{dots}"
        inset = f"(x: {tight}pt, top: {tight}pt, bottom: {tight + 0.25 * writer.size:.1f}pt)"
        cells.append(f"block(stroke: 0.6pt, inset: {inset}, width: 100%)[{inner}]")
        shown.append(text + (" ..." if dots else ""))
    options = f"columns: (1fr,) * {count}, column-gutter: {rng.randint(2, 12)}%"
    return Piece(apart(f"#grid({options}, {', '.join(cells)})"), "\n\n".join(shown))
