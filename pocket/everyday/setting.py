"""How the measured pages are set: a small markup of its own, apart from the training's writers."""

import html
from dataclasses import dataclass
from typing import Any

from pocket.drawing.press import literal


@dataclass(frozen=True)
class Block:
    """Typst markup and what a reader of it should write."""

    markup: str
    said: str


class Page:
    """One page: its name, Typst's settings of its text, and its blocks in reading order."""

    def __init__(self, name: str, type_: str, *blocks: Block, settings: str = "") -> None:
        self.name, self.blocks = name, blocks
        self._settings = (
            f"#set text({type_})\n#set par(leading: 0.7em, spacing: 1.2em)\n{settings}\n"
        )

    @property
    def markup(self) -> str:
        paper = '#set page(paper: "a4", margin: 2.2cm)\n'
        return paper + self._settings + "\n\n".join(block.markup for block in self.blocks)

    @property
    def truth(self) -> str:
        return "\n\n".join(block.said for block in self.blocks if block.said)


def text(words: "str | Block") -> Block:
    return words if isinstance(words, Block) else Block(literal(words), words)


def bold(words: str) -> Block:
    return Block(f"#strong[{literal(words)}]", words)


def title(words: str) -> Block:
    return Block(f"#block(text(1.5em, weight: 700)[{literal(words)}])", f"# {words}")


def heading(words: str) -> Block:
    return Block(f"#block(text(1.15em, weight: 700)[{literal(words)}])", f"## {words}")


def lines(*each: str) -> Block:
    return Block(" \\ ".join(map(literal, each)), "\n".join(each))


def space() -> Block:
    return Block("#v(1em)", "")


def columns(*each: Block) -> Block:
    """Blocks side by side, read one after the other."""
    cells = ", ".join(f"[{block.markup}]" for block in each)
    markup = f"#grid(columns: {len(each)}, column-gutter: 3em, {cells})"
    return Block(markup, "\n\n".join(block.said for block in each))


def formula(typst: str, tex: str) -> Block:
    return Block(f"$ {typst} $", f"$${tex}$$")


def table(rows: list[list[Any]], options: str = "", widths: str = "") -> Block:
    """A table; its first row is the head. A cell is text, or (text, columns that it spans)."""
    cells, said = [], []
    for number, row in enumerate(rows):
        tag, shown = ("th" if number == 0 else "td"), []
        for cell in row:
            words, span = cell if isinstance(cell, tuple) else (cell, 1)
            inner = f"#strong[{literal(words)}]" if number == 0 else literal(words)
            cells.append(f"table.cell(colspan: {span})[{inner}]")
            attribute = f' colspan="{span}"' if span > 1 else ""
            shown.append(f"<{tag}{attribute}>{html.escape(words, quote=False)}</{tag}>")
        said.append("<tr>" + "".join(shown) + "</tr>")
    count = sum(cell[1] if isinstance(cell, tuple) else 1 for cell in rows[0])
    markup = f"#table(columns: {widths or count}, inset: 6pt, {options}\n{', '.join(cells)})"
    return Block(markup, "<table>\n" + "\n".join(said) + "\n</table>")
