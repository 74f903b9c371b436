"""Pages with hardly anything on them, and lists of many short words."""

from pocket import entries
from pocket.drawing import passages
from pocket.drawing.press import literal
from pocket.drawing.writing import Piece, Writer

_PARTS = "Part Chapter Appendix Section Book Volume Teil Kapitel Partie Annexe Parte".split()
_ALONE = (
    "This page intentionally left blank;Notes;Blank page;Index;Contents;For your notes;The end;"
    "Intentionally left blank;(continued)"
).split(";")


def bare(writer: Writer) -> list[Piece]:
    """A part's title, a heading with two lines, a dedication, a line in the middle of the page."""
    rng = writer.rng
    gap = f"#v({rng.choice((0, 0, 0.1, 0.3, 0.5)) * rng.uniform(300, 900):.0f}pt)"
    match rng.randrange(4):
        case 0:
            pieces = _part(writer)
        case 1:
            pieces = [passages.heading(writer)]
            pieces += [_line(writer, writer.plain(4, writer.letters)) for _ in range(2)]
        case 2:
            lines = [writer.plain(6, 44), entries.person(rng), entries.date(rng)]
            pieces = [_line(writer, line) for line in lines[: rng.randint(1, 3)]]
        case _:
            pieces = [_line(writer, rng.choice(_ALONE))]
    return [Piece(gap + pieces[0].markup, pieces[0].text), *pieces[1:]]


def words(writer: Writer) -> Piece:
    """Short words or options, one a line, in the order of the alphabet or in none."""
    rng = writer.rng
    kind = rng.choice((_word, _word, _name, _option, _number))
    most = max(6, int(writer.letters * 0.65))
    made = [kind(writer)[:most].strip() or "a" for _ in range(rng.choice((8, 20, 40, 60)))]
    if writer.chance(0.6):
        made.sort(key=str.lower)
    mono = kind in {_name, _option} and writer.chance(0.8)
    face = "#set text(font: mono, 0.92em)\n" if mono else ""
    gap = (
        f"#set par(justify: false, first-line-indent: 0pt, leading: {rng.uniform(0.4, 0.8):.2f}em)"
    )
    body = " \\ ".join(map(literal, made))
    return Piece(f"#block(above: 1.3em, below: 1.3em)[{face}{gap}\n{body}]", "\n".join(made))


def glossary(writer: Writer) -> Piece:
    """Terms, each followed by a few words on what it means."""
    rng = writer.rng
    joint, look = rng.choice((" ", ": ", " - ", ", ")), rng.choice(("strong", "emph", "text"))
    rows, shown = [], []
    for _ in range(rng.randint(6, 24)):
        term, what = _word(writer), writer.plain(4, writer.letters)
        rows.append(f"#{look}[{literal(term)}]{literal(joint + what)}")
        shown.append(f"{term}{joint}{what}")
    hang = (
        f"#set par(justify: false, first-line-indent: 0pt, hanging-indent: {rng.choice((0, 1))}em)"
    )
    body = "\n\n".join(rows)
    return Piece(f"#block[{hang}\n{body}]", "\n\n".join(shown))


def _part(writer: Writer) -> list[Piece]:
    """The number of a part and its name, in large type."""
    rng = writer.rng
    number = rng.choice(
        (str(rng.randint(1, 20)), rng.choice("ABCDE"), rng.choice(("II", "IV", "VI")))
    )
    scales = sorted((rng.uniform(1.4, 2.6), rng.uniform(1.6, 3)))
    lines = [f"{rng.choice(_PARTS)} {number}", writer.plain(4, 36, scale=scales[1]).capitalize()]
    side = rng.choice(("center", "left", "right"))
    pieces = []
    for line, scale in zip(lines, scales, strict=True):
        inner = f'#set text({scale:.2f}em, weight: "bold", font: heads, hyphenate: false)\n'
        look = f"width: 100%, below: {rng.uniform(0.8, 2.5):.1f}em"
        markup = f"#block({look})[{inner}#set align({side})\n{literal(line)}]"
        pieces.append(Piece(markup, f"# {line}"))
    return pieces


def _line(writer: Writer, text: str) -> Piece:
    side = writer.rng.choice(("left", "center", "center", "right"))
    return Piece(f"#block(width: 100%)[#set align({side})\n{literal(text)}]", text)


def _word(writer: Writer) -> str:
    return writer.plain(2, 10).split()[0].lstrip("#") or "a"


def _name(writer: Writer) -> str:
    return writer.identifier()


def _option(writer: Writer) -> str:
    rng = writer.rng
    name = "-".join(_word(writer).lower() for _ in range(rng.randint(1, 2)))
    return rng.choice((f"--{name}", f"-{name[0]}", f"{name}={rng.randint(0, 99)}", f"{name}()"))


def _number(writer: Writer) -> str:
    return f"{_word(writer)} {writer.rng.randint(1, 400)}"
