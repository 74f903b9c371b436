"""What stands around a page's text: running heads and feet, titles over all columns, footnotes."""

from dataclasses import replace

from pocket import entries
from pocket.drawing.press import literal
from pocket.drawing.writing import Piece, Writer, together


def running(writer: Writer) -> Piece:
    """A running head or foot, or none."""
    rng = writer.rng
    number = rng.choice(
        (
            str(rng.randint(1, 700)),
            f"- {rng.randint(1, 90)} -",
            rng.choice("ivx") * rng.randint(1, 3),
        )
    )
    title = writer.plain(6, 44).capitalize()
    ruled = rng.choice(("", "", "", "inset: (bottom: 0.35em), stroke: (bottom: 0.5pt), "))
    whole = lambda inner: f"#block({ruled}width: 100%)[{inner}]"  # noqa: E731
    match rng.randrange(8):
        case 0 | 1 | 2:
            return Piece("", "")
        case 3 | 4:
            side = rng.choice(("left", "center", "center", "right"))
            return Piece(f"#align({side})[{literal(number)}]", number, label="page_number")
        case 5:
            inner = f"{literal(title)} #h(1fr) {literal(number)}"
            return Piece(whole(inner), f"{title} {number}")
        case 6:
            inner = f"{literal(number)} #h(1fr) {literal(title)}"
            return Piece(whole(inner), f"{number} {title}")
        case _:
            return Piece(whole(literal(title)), title)


def footnotes(writer: Writer) -> Piece | None:
    """Notes at the page's foot, without their marks in the text."""
    rng = writer.rng
    if rng.random() > 0.2:
        return None
    first = rng.randint(1, 40)
    notes = [writer.prose(rng.randint(20, 220)) for _ in range(rng.randint(1, 3))]
    rule = f"#line(length: {rng.choice((30, 30, 100))}%, stroke: 0.5pt)\n"
    rows = "\n\n".join(f"{literal(str(first + n))} {note.markup}" for n, note in enumerate(notes))
    shown = "\n".join(f"{first + n} {note.text}" for n, note in enumerate(notes))
    small = f"#set text({rng.uniform(0.78, 0.9):.2f}em)\n#set par(first-line-indent: 0pt)"
    place = 'bottom, float: true, scope: "parent", clearance: 1em'
    inner = f"{small}\n{rule}{rows}"
    return Piece(f"#place({place}, [{inner}])\n", shown, (Piece(inner, shown, label="footnote"),))


def title(writer: Writer) -> Piece:
    """A paper's title and authors over all columns, at times with an abstract."""
    rng = writer.rng
    name = writer.plain(15, 70).capitalize()
    people = [entries.person(rng) for _ in range(rng.randint(1, 4))]
    names = rng.choice((", ", " and ", ", ")).join(people)
    place = writer.plain(10, 40) if writer.chance(0.4) else ""
    scale, side = rng.uniform(1.3, 1.9), rng.choice(("center", "center", "left"))
    look = rng.choice(("strong", "strong", "text"))
    parts = [
        Piece(f"#text({scale:.2f}em)[#{look}[{literal(name)}]]", f"# {name}"),
        Piece(literal(names), names),
        *([Piece(literal(place), place)] if place else []),
    ]
    if writer.chance(0.5):
        body = writer.prose(rng.randint(150, 700))
        head = rng.choice(("Abstract", "Abstract.", "Summary", "ABSTRACT"))
        inner = f"#set align(left)\n#strong[{literal(head)}] {body.markup}"
        parts.append(Piece(f"#pad(x: 2em)[{inner}]", f"{head} {body.text}"))
    whole = together(*parts, between=" \\ #v(0.3em) ")
    place = f'top + {side}, float: true, scope: "parent", clearance: 1.5em'
    inner = f"#set par(first-line-indent: 0pt)\n{whole.markup}"
    return replace(whole, markup=f"#place({place}, block(width: 100%)[{inner}])\n")
