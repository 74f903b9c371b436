"""Newsletters: columns under a masthead, boxes, pull quotes, notes in the margin, short news."""

from pocket import entries
from pocket.drawing import passages
from pocket.drawing.press import literal
from pocket.drawing.writing import Piece, Writer


def masthead(writer: Writer) -> Piece:
    """The paper's name over all columns, its number and date on a line, above or below a rule."""
    rng = writer.rng
    name = writer.plain(5, 24).capitalize()
    parts = [f"{rng.choice(('Issue', 'No.', 'Vol.'))} {rng.randint(1, 99)}", entries.date(rng)]
    parts += [entries.town(rng)] if writer.chance(0.4) else []
    tone, ink = rng.choice(((255, 0), (255, 0), (210, 0), (50, 255)))
    side, scale = rng.choice(("left", "center")), rng.uniform(1.9, 2.6)
    look = f"fill: luma({tone}), width: 100%, inset: 0.4em"
    head = (
        f"#set text({scale:.2f}em, luma({ink}), font: heads, hyphenate: false)\n#set align({side})"
    )
    line = " #h(1fr) ".join(map(literal, parts))
    rule = rng.choice(("(y: 0.6pt)", "(bottom: 1pt)", "none"))
    body = f"#block({look})[{head}\n{literal(name)}]"
    body += f"#block(width: 100%, stroke: {rule}, inset: (y: 0.35em))[{line}]"
    place = 'top, float: true, scope: "parent", clearance: 1.2em'
    return Piece(f"#place({place}, block(width: 100%)[{body}])\n", f"# {name}\n\n{' '.join(parts)}")


def boxed(writer: Writer) -> Piece:
    """A box in a column with a heading, text, and a list at times."""
    rng = writer.rng
    name = writer.plain(4, 26).capitalize()
    body = writer.prose(rng.randint(1, 6) * writer.letters)
    inner, text = body.markup, body.text
    if writer.chance(0.4):
        items = passages.listing(writer)
        inner, text = f"{inner}\n\n{items.markup}", f"{text}\n\n{items.text}"
    tone, ink = rng.choice(((255, 0), (235, 0), (220, 0), (60, 255)))
    stroke = rng.choice(("0.5pt", "1pt", "none")) if tone != 255 else "0.6pt"
    look = f"fill: luma({tone}), stroke: {stroke}, inset: 0.6em, width: 100%"
    head = f"#block(below: 0.5em)[#text(font: heads)[#strong[{literal(name)}]]]"
    settings = f"#set text(luma({ink}))\n#set par(first-line-indent: 0pt)\n"
    return Piece(f"#block({look})[{settings}{head}{inner}]", f"## {name}\n\n{text}")


def quote(writer: Writer) -> Piece:
    """Words in large type between rules or beside a bar, at times with whose they are."""
    rng = writer.rng
    left, right = rng.choice(("“”", "«»", "„“", ("", ""), '""'))
    left = left.replace("„", "“")
    text = f"{left}{writer.plain(20, 120, scale=1.6)}{right}"
    stroke = rng.choice(("(y: 0.8pt)", "(left: 3pt + gray)", "(top: 2pt)", "none"))
    slant = rng.choice(('style: "italic", ', "", "font: heads, "))
    look = f"stroke: {stroke}, inset: 0.6em, width: 100%"
    inner = f"#set text({slant}{rng.uniform(1.15, 1.5):.2f}em, hyphenate: false)\n"
    inner += f"#set par(justify: false)\n#set align({rng.choice(('left', 'center'))})\n"
    said = [text, f"– {entries.person(rng)}"] if writer.chance(0.4) else [text]
    inner += " \\ ".join(map(literal, said))
    return Piece(f"#block({look})[{inner}]", "\n".join(said))


def noted(writer: Writer) -> Piece:
    """A paragraph with a note beside it, in the left or the right margin; the note comes second."""
    rng = writer.rng
    if writer.letters < 55:
        return passages.paragraph(writer)
    body = writer.prose(rng.randint(2, 9) * writer.letters)
    text = writer.plain(6, 70, scale=4)
    look = rng.choice(('style: "italic"', 'weight: "bold"', "font: heads"))
    small = f"#set text({rng.uniform(0.7, 0.85):.2f}em, {look}, hyphenate: false)\n"
    right = writer.chance(0.5)
    small += "#set par(justify: false, first-line-indent: 0pt)\n"
    note = f"[{small}#set align({'left' if right else 'right'})\n{literal(text)}]"
    cells = f"[{body.markup}], {note}" if right else f"{note}, [{body.markup}]"
    shares = "(1fr, 22%)" if right else "(22%, 1fr)"
    return Piece(f"#grid(columns: {shares}, column-gutter: 1em, {cells})", f"{body.text}\n\n{text}")


def news(writer: Writer) -> Piece:
    """A heading with who wrote it, and the first paragraph."""
    rng = writer.rng
    scale = rng.uniform(1.1, 1.6)
    name = writer.plain(8, 50, scale=scale).capitalize()
    slant = rng.choice(("normal", "italic"))
    inner = f'#set text({scale:.2f}em, font: heads, hyphenate: false, style: "{slant}")\n'
    markup, text = f"#block(below: 0.6em, sticky: true)[{inner}{literal(name)}]", f"## {name}"
    if writer.chance(0.4):
        by = f"{rng.choice(('By', 'by', 'von', 'par'))} {entries.person(rng)}"
        markup += f"#block(below: 0.6em)[#emph[{literal(by)}]]"
        text += f"\n\n{by}"
    body = writer.prose(rng.randint(2, 10) * writer.letters)
    return Piece(f"{markup}{body.markup}", f"{text}\n\n{body.text}")
