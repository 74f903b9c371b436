"""Running text set by Typst: headings, paragraphs, lists, formulas, figures, letters."""

from pocket.drawing import mathematics
from pocket.drawing.press import literal
from pocket.drawing.writing import Piece, Writer, together
from pocket.entries import unguessable


def heading(writer: Writer) -> Piece:
    rng = writer.rng
    level = rng.choice((1, 2, 2, 3, 3))
    scale = {1: rng.uniform(1.3, 2.0), 2: rng.uniform(1.1, 1.4), 3: rng.uniform(1.0, 1.1)}[level]
    title = writer.plain(4, 50, scale=scale).capitalize()
    if writer.chance(0.55):
        number = ".".join(str(rng.randint(1, 14)) for _ in range(level))
        title = number + rng.choice(("", "", ".")) + rng.choice((" ", "  ")) + title
    if writer.chance(writer.code_words * 3):
        title += f" {writer.identifier()}"
    weight = "regular" if level == 1 and rng.random() < 0.4 else "bold"
    side = rng.choice(("left", "left", "left", "center"))
    gaps = f"above: {rng.uniform(0.8, 2):.1f}em, below: {rng.uniform(0.5, 1):.1f}em"
    inner = f'#set text({scale:.2f}em, weight: "{weight}", font: heads, hyphenate: false)'
    markup = f"#block({gaps}, sticky: true)[{inner}\n#set align({side})\n{literal(title)}]"
    return Piece(markup, "#" * level + " " + " ".join(title.split()))


def paragraph(writer: Writer) -> Piece:
    rng = writer.rng
    lines = rng.choice((0.4, 0.8, 1, 2, 3, 4, 5, 6, 8, 10, 14))
    body = writer.prose(max(12, int(lines * writer.letters)))
    if writer.chance(0.07):
        title = writer.plain(4, 30).capitalize() + rng.choice((".", ":", ""))
        look = rng.choice(("strong", "strong", "emph"))
        return Piece(f"#{look}[{literal(title)}] {body.markup}", f"{title} {body.text}")
    if writer.chance(0.05):
        side = rng.choice(("left: 2em, right: 2em", "left: 3em", "x: 1.5em"))
        return Piece(f"#pad({side})[{body.markup}]", body.text)
    return body


def listing(writer: Writer, depth: int = 0) -> Piece:
    """A bulleted or numbered list, with lists inside some items."""
    rng = writer.rng
    numbered, mark = writer.chance(0.4), rng.choice("••••–-◦∗")
    close, first = rng.choice((".", ".", ")")), rng.choice((1, 1, 1, rng.randint(2, 20)))
    rows, shown = [], []
    length = rng.choice((0.3, 0.8, 1.5, 3)) * writer.letters
    for number in range(first, first + rng.randint(2, 7)):
        sign = f"{number}{close}" if numbered else mark
        body = writer.prose(max(8, int(length * rng.uniform(0.5, 1.5))))
        markup, text = body.markup, f"{sign if numbered else '-'} {body.text}"
        if depth < 2 and writer.chance(0.12):
            inner = listing(writer, depth + 1)
            markup += f"\n\n{inner.markup}"
            text += "\n" + "\n".join("    " + line for line in inner.text.split("\n"))
        rows.append(f"{_content(sign)}, [{markup}]")
        shown.append(text)
    gap = rng.choice((0.65, 0.65, 0.9, 1.2))
    grid = (
        f"columns: (auto, 1fr), column-gutter: {rng.uniform(0.4, 0.9):.1f}em, row-gutter: {gap}em"
    )
    markup = f"#pad(left: {rng.uniform(0, 1.5):.1f}em)[#grid({grid},\n{','.join(rows)})]"
    return Piece(markup, "\n".join(shown), label="list")


def descriptions(writer: Writer) -> Piece:
    """Terms, each with its explanation, indented below or beside it."""
    rng = writer.rng
    beside, indent = writer.chance(0.35), rng.uniform(1.5, 4)
    mono = writer.chance(0.6)
    rows, shown = [], []
    for _ in range(rng.randint(1, 7)):
        term = writer.identifier() if mono else writer.plain(4, 24)
        if writer.chance(0.25):
            term += f" {rng.choice(('arg', 'file', '=value', '[n]', writer.identifier()))}"
        body = writer.prose(int(writer.letters * rng.choice((0.5, 1, 2, 4))))
        look = f"#text(font: mono)[{literal(term)}]" if mono else f"#strong[{literal(term)}]"
        if beside and len(term) < (15 if mono else 18):
            rows.append(
                f"#grid(columns: (9.5em, 1fr), column-gutter: 0.6em, [{look}], [{body.markup}])"
            )
            shown.append(f"{term} {body.text}")
        else:
            rows.append(f"#block(below: 0.5em)[{look}]\n#pad(left: {indent:.1f}em)[{body.markup}]")
            shown.append(f"{term}\n{body.text}")
    return together(*map(Piece, rows, shown))


def formula(writer: Writer) -> Piece:
    """A displayed formula, at times numbered."""
    rng = writer.rng
    made = mathematics.equation(rng)
    while len(made.typst) > writer.letters * 1.3:
        made = mathematics.equation(rng)
    made = mathematics.ended(made, rng.choice(("", "", "", ".", ",", ",", ";")))
    if not writer.chance(0.35):
        return Piece(f"$ {made.typst} $", f"$${made.tex}$$")
    tag = rng.choice((str(rng.randint(1, 60)), f"{rng.randint(1, 9)}.{rng.randint(1, 30)}"))
    cells = f"[$ {made.typst} $], {_content(f'({tag})')}"
    markup = f"#grid(columns: (1fr, auto), align: horizon, {cells})"
    return Piece(markup, rf"$${made.tex} \tag{{{tag}}}$$")


def statement(writer: Writer) -> Piece:
    """A theorem, definition, note or proof: a run-in head and text, often in italics."""
    rng = writer.rng
    kind = rng.choice(
        "Theorem Lemma Definition Proof Remark Example Note Warning Corollary".split()
    )
    head = kind + rng.choice(
        ("", f" {rng.randint(1, 30)}", f" {rng.randint(1, 9)}.{rng.randint(1, 30)}")
    )
    head += rng.choice((".", ":", "."))
    body = writer.prose(writer.letters * rng.randint(1, 5))
    look = rng.choice(("emph", "emph", "text"))
    return Piece(f"#strong[{literal(head)}] #{look}[{body.markup}]", f"{head} {body.text}")


def short_lines(writer: Writer) -> Piece:
    """Lines that end where they end: addresses, authors, signatures."""
    rng = writer.rng
    lines = []
    for _ in range(rng.randint(1, 6)):
        line = writer.plain(4, 34, noise=0.2)
        lines.append(line if writer.chance(0.7) else f"{line[:16].strip()} {unguessable(rng)}")
    side = rng.choice(("left", "left", "center", "right"))
    body = " \\ ".join(literal(line) for line in lines)
    return Piece(f"#block(width: 100%)[#set align({side})\n{body}]", "\n".join(lines))


def bibliography(writer: Writer) -> Piece:
    rng = writer.rng
    first, style = rng.randint(1, 60), rng.choice(("[{}]", "[{}]", "{}."))
    rows, shown = [], []
    for number in range(first, first + rng.randint(2, 9)):
        sign = style.format(number)
        names = ", ".join(
            f"{rng.choice('ABCDEFGHJKLM')}. {writer.plain(4, 9).partition(' ')[0].capitalize()}"
            for _ in range(rng.randint(1, 4))
        )
        title, where = writer.plain(20, 90).capitalize(), writer.plain(8, 30).capitalize()
        volume = f"{rng.randint(1, 99)}({rng.randint(1, 12)})"
        pages = f"{rng.randint(1, 400)}-{rng.randint(401, 999)}"
        rest = f"{where}, {volume}:{pages}, {rng.randint(1950, 2026)}."
        rows.append(
            f"{_content(sign)}, [{literal(names + '. ' + title + '. ')}#emph[{literal(rest)}]]"
        )
        shown.append(f"{sign} {names}. {title}. {rest}")
    gaps = "column-gutter: 0.6em, row-gutter: 0.8em"
    markup = f"#grid(columns: (auto, 1fr), {gaps},\n{','.join(rows)})"
    return Piece(markup, "\n\n".join(shown), label="list")


def _content(text: str) -> str:
    return f"[{literal(text)}]"
