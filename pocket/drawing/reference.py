"""Pages that are looked things up in: contents, indexes, lists with leaders."""

from pocket.drawing.press import literal
from pocket.drawing.writing import Piece, Writer, together
from pocket.entries import unguessable

_LEADER = " ... "


def contents(writer: Writer) -> Piece:
    """Headings that dots lead to their pages."""
    rng = writer.rng
    leader = _leader(writer)
    page, chapter, rows, shown = rng.randint(1, 60), rng.randint(1, 9), [], []
    indent, bold = rng.choice((0, 1.2, 1.5, 2.2)), writer.chance(0.5)
    numbered = writer.chance(0.75)
    for number in range(1, rng.choice((6, 12, 20, 36))):
        page += rng.choice((0, 0, 1, 1, 2, 5))
        level = rng.choice((0, 1, 1, 2, 2))
        chapter += level == 0
        label = ".".join(map(str, (chapter, number, rng.randint(1, 9))[: level + 1]))
        title = writer.plain(4, 44).capitalize()
        if writer.chance(writer.code_words * 3):
            title = writer.identifier()
        title = title[: int(writer.letters * 0.7) - 4 * level].strip()
        gap = "#h(0.8em)" if numbered else ""
        label = label if numbered else ""
        line = f"{literal(label)}{gap}{literal(title)}{leader}{literal(str(page))}"
        heavy = bold and level == 0
        line = f"#strong[{line}]" if heavy else line
        rows.append(_row(line, level * indent))
        between = " " if "#h(1fr)" in leader else _LEADER
        shown.append(f"{label} {title}".strip() + f"{between}{page}")
    return Piece("\n".join(rows), "\n".join(shown))


def index(writer: Writer) -> Piece:
    """The entries of one letter with their page numbers, as at the end of a manual."""
    rng = writer.rng
    leader, mono = _leader(writer), writer.chance(0.6)
    comma = "#h(1fr)" in leader
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    rows, shown, heads = [], [], []
    if writer.chance(0.85):
        head = letter.upper() if writer.chance(0.95) else "Symbols"
        side, scale = rng.choice(("left", "center")), rng.uniform(1, 1.5)
        inner = f"#set align({side})\n#text({scale:.1f}em)[#strong[{literal(head)}]]"
        heads = [Piece(f"#block(sticky: true, width: 100%)[{inner}]", f"## {head}")]
    for _ in range(rng.choice((1, 2, 4, 8, 16, 24))):
        entry, pages = _entry(writer, mono, letter), _pages(writer)
        entry = entry[: int(writer.letters * 0.7)].strip()
        name = f"#text(font: mono)[{literal(entry)}]" if mono else literal(entry)
        tail = f"{literal(', ')}{literal(pages)}" if comma else f"{leader}{literal(pages)}"
        inset = 0 if mono else rng.choice((0, 0, 0, 1.2))
        rows.append(_row(f"{name}{tail}", inset))
        shown.append(f"{entry}, {pages}" if comma else f"{entry}{_LEADER}{pages}")
    return together(*heads, Piece("\n".join(rows), "\n".join(shown)))


def changes(writer: Writer) -> Piece:
    """Dates or versions with what was changed."""
    rng = writer.rng
    parts = []
    for _ in range(rng.randint(1, 6)):
        head = rng.choice(
            (
                f"[{unguessable(rng)[:12]} v{rng.randint(0, 9)}.{rng.randint(0, 20)}]",
                f"Version {rng.randint(0, 9)}.{rng.randint(0, 30)}",
            )
        )
        parts.append(Piece(f"#block(sticky: true)[#strong[{literal(head)}]]", f"## {head}"))
        rows, items = [], []
        for _ in range(rng.randint(1, 3)):
            item = writer.prose(rng.randint(12, 120))
            rows.append(
                f"#pad(left: 1em)[#grid(columns: (1em, 1fr), [{literal('•')}], [{item.markup}])]"
            )
            items.append(f"- {item.text}")
        parts.append(Piece("\n".join(rows), "\n".join(items)))
    return together(*parts)


def _row(inner: str, inset: float) -> str:
    return f"#block(above: 0.55em, below: 0.55em, inset: (left: {inset:.1f}em))[{inner}]"


def _entry(writer: Writer, mono: bool, letter: str) -> str:
    if not mono:
        return letter + writer.plain(3, 26).lower()
    name = writer.identifier()
    return name if writer.chance(0.3) else letter + name.strip('\\-<>"')


def _pages(writer: Writer) -> str:
    count = writer.rng.choice((1, 1, 1, 1, 2, 2, 3, 6))
    return ", ".join(map(str, sorted(writer.rng.sample(range(1, 420), count))))


def _leader(writer: Writer) -> str:
    """What stands between an entry and its page: dots, spaced dots, or nothing."""
    dots = writer.rng.choice((".", ".", "~.", "#h(0.4em).", ". ", None))
    if dots is None:
        return " #h(1fr) "
    dots = dots.replace("~.", "#h(0.2em).")
    return f" #box(width: 1fr, align(right, repeat[{dots}])) "
