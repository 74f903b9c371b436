"""Grammars: rules with their alternatives below each other, typed ones, syntax of statements."""

from dataclasses import dataclass

from pocket.drawing.press import literal
from pocket.drawing.programs import fenced
from pocket.drawing.writing import Piece, Writer, raw_block

# A hyphen at a line's end could be taken for the name's own.
_RAGGED = "#set par(justify: false, first-line-indent: 0pt)\n#set text(hyphenate: false)\n"


@dataclass(frozen=True)
class Style:
    """How one grammar is set: the looks of its signs, and the sign between a name and its rule."""

    name: str
    word: str
    quote: str
    angled: bool
    defines: str
    raised: bool


def grammar(writer: Writer) -> Piece:
    """Rules in three columns: a name, `::=` or a bar, and what it may be."""
    rng, style = writer.rng, _style(writer)
    names = [_name(writer) for _ in range(rng.randint(3, 12))]
    rows, shown = [], []
    for name in names[: rng.choice((1, 3, 6, 12))]:
        for number in range(rng.choice((1, 1, 2, 3, 5, 12))):
            body = _alternative(writer, names, style)
            head = _named(name, style) if number == 0 else Piece("", "")
            sign = style.defines if number == 0 else "|"
            # A cell that is broken between two columns of a page is printed over the next one.
            cells = (head.markup, literal(sign), body.markup)
            rows += [f"grid.cell(breakable: false)[{cell}]" for cell in cells]
            shown.append(f"{head.text} {sign} {body.text}".strip())
    align = rng.choice(("left", "center", "right"))
    gaps = f"column-gutter: {rng.uniform(0.4, 1):.2f}em, row-gutter: {rng.uniform(0.4, 0.8):.2f}em"
    options = f"columns: (auto, auto, 1fr), align: (left, {align}, left), {gaps}"
    inset = rng.choice((0, 0, 1, 3))
    markup = f"#pad(left: {inset}em)[#grid({options}, {', '.join(rows)})]"
    return Piece(
        f"#block(above: 1em, below: 1em, width: 100%)[{_RAGGED}{markup}]", "\n".join(shown)
    )


def typed(writer: Writer) -> Piece:
    """Rules in type of one width, as in a listing, at times drawn as railways."""
    rng = writer.rng
    if writer.chance(0.2):
        lines = _railway(writer)
    else:
        style = _style(writer)
        names = [_name(writer) for _ in range(rng.randint(2, 8))]
        at = max(map(len, names)) + 2
        lines, end = [], rng.choice(("", "", " ;", "."))
        for name in names:
            head = f"<{name}>" if style.angled else name
            for number in range(count := rng.choice((1, 2, 3, 6))):
                sign = style.defines if number == 0 else "|".rjust(len(style.defines))
                body = _alternative(writer, names, style).text
                last = end if number == count - 1 else ""
                lines.append(f"{(head if number == 0 else '').ljust(at)} {sign} {body}{last}")
    lines = [line[: writer.code_letters - 1].rstrip() for line in lines]
    markup = f"#block(above: 1em, below: 1em, width: 100%)[{raw_block(lines)}]"
    return Piece(markup, fenced(lines))


def statement(writer: Writer) -> Piece:
    """A statement's syntax over some lines: words in capitals, brackets, names in italics."""
    rng = writer.rng
    bold, mono = writer.chance(0.5), writer.chance(0.6)
    rows, shown = [], []
    for line in range(rng.randint(1, 6)):
        markup, text = [], []
        for _ in range(rng.randint(2, 6)):
            made = _clause(writer, bold)
            markup.append(made.markup)
            text.append(made.text)
        inset = 0 if line == 0 else rng.choice((1, 2))
        rows.append(f"#h({inset * 2}em)" + literal(" ").join(markup))
        shown.append(" ".join(text))
    face = "#set text(font: mono, 0.92em)\n" if mono else ""
    body = " \\ ".join(rows)
    return Piece(f"#block(width: 100%)[{face}{_RAGGED}{body}]", "\n".join(shown))


def _style(writer: Writer) -> Style:
    rng = writer.rng
    return Style(
        rng.choice(("emph", "emph", "emph", "text", "strong")),
        rng.choice(("mono", "mono", "strong", "text")),
        rng.choice(("", "", '"', "'", '"')),
        writer.chance(0.3),
        rng.choice(("::=", "::=", "::=", ":=", "=", ":", "->")),
        writer.chance(0.5),
    )


def _alternative(writer: Writer, names: list[str], style: Style) -> Piece:
    """Some names, words and groups in a row."""
    rng = writer.rng
    parts = [_part(writer, names, style, 0) for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4)))]
    markup = literal(" ").join(part.markup for part in parts)
    return Piece(markup, " ".join(part.text for part in parts))


def _part(writer: Writer, names: list[str], style: Style, depth: int) -> Piece:
    rng = writer.rng
    if depth < 2 and writer.chance(0.22):
        left, right = rng.choice(("[]", "{}", "()", "[]"))
        inner = [_part(writer, names, style, depth + 1) for _ in range(rng.randint(1, 2))]
        joint = rng.choice((" ", " ", " | "))
        markup = literal(joint).join(part.markup for part in inner)
        text = joint.join(part.text for part in inner)
        made = Piece(f"{literal(left)}{markup}{literal(right)}", f"{left}{text}{right}")
    elif writer.chance(0.5):
        made = _named(rng.choice(names), style)
    else:
        made = _word(writer, style)
    if writer.chance(0.88):
        return made
    times = rng.choice("*+?*")
    raised = f"#super[{literal(times)}]" if style.raised else literal(times)
    return Piece(made.markup + raised, made.text + times)


def _named(name: str, style: Style) -> Piece:
    shown = f"<{name}>" if style.angled else name
    return Piece(f"#{style.name}[{literal(shown)}]", shown)


def _word(writer: Writer, style: Style) -> Piece:
    """A word or sign of the language that the grammar describes."""
    rng = writer.rng
    signs = ", ; : ( ) . = == != && || -> ... @ # :: += <= ** / % [ ] { } < > 0 1".split()
    word = rng.choice(signs) if writer.chance(0.3) else writer.identifier().strip("\\\"'`")[:12]
    word = f"{style.quote}{word}{style.quote}"
    look = "text(font: mono, 0.92em)" if style.word == "mono" else style.word
    return Piece(f"#{look}[{literal(word)}]", word)


def _name(writer: Writer) -> str:
    made = "".join(c for c in writer.identifier() if c.isalnum() or c in "_-").strip("-_")
    return made[:18].lower() or "expr"


def _clause(writer: Writer, bold: bool) -> Piece:
    rng = writer.rng
    kind = rng.random()
    if kind < 0.4:
        word = _capitals(writer)
        return Piece(f"#strong[{literal(word)}]" if bold else literal(word), word)
    name = _name(writer)
    slanted = f"#emph[{literal(name)}]"
    if kind < 0.7:
        return Piece(slanted, name)
    word = _capitals(writer)
    if kind < 0.85:
        return Piece(f"{literal(f'[ {word} ')}{slanted}{literal(' ]')}", f"[ {word} {name} ]")
    if kind < 0.93:
        return Piece(f"{literal('(')}{slanted}{literal(' [, ...] )')}", f"({name} [, ...] )")
    inner = rng.choice((" | ", "|"))
    return Piece(literal(f"{{ {word}{inner}{name} }}"), f"{{ {word}{inner}{name} }}")


def _capitals(writer: Writer) -> str:
    return writer.plain(2, 10).split()[0].upper()


def _railway(writer: Writer) -> list[str]:
    """A line of words with a branch above or below it, drawn with dashes."""
    rng = writer.rng
    out = []
    for _ in range(rng.randint(1, 3)):
        first, one, other = f">>-{_capitals(writer)}-", _capitals(writer), _name(writer)
        wide = max(len(one), len(other)) + 2
        last = f"+-{_capitals(writer)}-><"
        out += [
            first + "-+-" + one.ljust(wide, "-") + last,
            " " * (len(first) + 1) + "'-" + other.ljust(wide, "-") + "'",
            "",
        ]
    return [line for line in out if line]
