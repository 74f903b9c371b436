"""Tables in Markdown become HTML, and the other way round."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Literal

from markdown_it.token import Token

from lighton_ocr._markdown import Formula, page_parser, split_table

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z]+)(?P<attributes>[^<>]*)>", re.IGNORECASE)
_WHOLE = re.compile(r"(?is)\s*(<table[\s>].*?</table\s*>)\s*")
_SPAN = re.compile(r"(?i)\b(colspan|rowspan)\s*=\s*[\"']?(\d{1,3})")
_ALIGN = re.compile(r"text-align:\s*(left|center|right)")
_MARKS = re.compile(r"([*_`\\])")
_MOST_SPANNED = 100  # columns, by all cells of a row
_DELIMITERS = {"": "---", "left": ":--", "center": ":-:", "right": "--:"}


@dataclass(frozen=True)
class Cell:
    """A cell; `text` is Markdown in one line."""

    text: str = ""
    is_header: bool = False
    align: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells, all of the same length; the first is the header in Markdown."""

    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""


def convert_tables(text: str, markup: Literal["md", "html"]) -> str:
    """Return Markdown with all tables in that markup.

    Markdown has no merged cells: the text is in the first of them, and the others are empty. Tables
    within tables stay as they are.
    """
    tokens = page_parser().parse(text)
    lines = text.split("\n")
    for index, token in reversed(list(enumerate(tokens))):
        if token.level or not token.map:
            continue
        new = None
        if markup == "md" and token.type == "html_block":
            new = _as_markdown(token.content)
        elif markup == "html" and token.type == "table_open":
            new = write_html(table_of_tokens(tokens, index))
        if new is not None:
            _replace(lines, token.map, new)
    return "\n".join(lines)


def take_tables(text: str, link: Callable[[int], str]) -> tuple[str, tuple[str, ...]]:
    """Return Markdown with a link in the place of each table, and the tables.

    `link` returns the link of the table of that index, from 0. Tables in lists and quotations stay.
    """
    lines = text.split("\n")
    places = [
        token.map
        for token in page_parser().parse(text)
        if token.type in ("html_block", "table_open") and not token.level and token.map
    ]
    tables = tuple("\n".join(lines[start:end]).strip() for start, end in places)
    for index, place in reversed(list(enumerate(places))):
        _replace(lines, place, link(index))
    return "\n".join(lines), tables


def table_of_tokens(tokens: Sequence[Token], start: int) -> Table:
    """Return the Markdown table that begins at a token."""
    rows: list[list[Cell]] = []
    is_header, align = False, ""
    for token in tokens[start:]:
        match token.type:
            case "table_close":
                break
            case "tr_open":
                rows.append([])
            case "th_open" | "td_open":
                is_header = token.type == "th_open"
                found = _ALIGN.search(str(token.attrs.get("style", "")))
                align = found[1] if found else ""
            case "inline":
                rows[-1].append(Cell(token.content, is_header, align))
    return Table(tuple(map(tuple, rows)))


def table_of_html(html: str) -> Table | None:
    """Return the table that the HTML holds; None if it holds tables within tables or no cells."""
    if len(re.findall(r"(?i)<table[\s>]", html)) > 1:
        return None
    grid = _Grid()
    for part in split_table(html):
        if isinstance(part, Formula):
            mark = "$$" if part.is_block else "$"
            grid.add_text(f"{mark}{part.latex}{mark}")
        elif tag := _TAG.fullmatch(part):
            grid.add_tag(tag)
        else:
            grid.add_text(_MARKS.sub(r"\\\1", unescape(part)).replace("<", "&lt;"))
    return grid.table()


def write_markdown(table: Table) -> str:
    """Return the table in Markdown."""
    header, *rows = table.rows
    delimiters = "| " + " | ".join(_DELIMITERS[cell.align] for cell in header) + " |"
    lines = [_row(header), delimiters, *map(_row, rows)]
    return "\n".join([table.caption, ""] * bool(table.caption) + lines)


def write_html(table: Table) -> str:
    """Return the table in HTML, one row a line."""
    rows = ["<tr>" + "".join(map(_html_cell, row)) + "</tr>" for row in table.rows]
    return "\n".join(["<table>", *rows, "</table>"])


@dataclass
class _Grid:
    """Collects cells row by row; merged cells leave empty ones."""

    rows: list[dict[int, Cell]] = field(default_factory=list)
    caption: str = ""
    _text: list[str] | None = None  # of the cell or caption that is open
    _covered: dict[int, int] = field(default_factory=dict)  # rows, by column, that cells reach
    _place: tuple[int, int] = (0, 0)
    _is_header: bool = False
    _align: str = ""

    def add_text(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def add_tag(self, tag: re.Match[str]) -> None:
        name, is_end = tag["name"].lower(), bool(tag["end"])
        if name in ("br", "sup", "sub"):
            self.add_text(f"<{tag['end']}{name}>")
        elif name in ("td", "th", "tr", "caption", "table"):
            self._end_cell()
            if not is_end and name == "tr":
                self.rows.append({})
            elif not is_end and name in ("td", "th"):
                self._begin_cell(name, tag["attributes"])
            elif not is_end and name == "caption":
                self._text, self._place = [], (-1, 0)

    def table(self) -> Table | None:
        self._end_cell()
        width = max((max(row, default=-1) + 1 for row in self.rows), default=0)
        if not width:
            return None
        empty = Cell()
        rows = (tuple(row.get(column, empty) for column in range(width)) for row in self.rows)
        return Table(tuple(row for row in rows if row), self.caption)

    def _begin_cell(self, name: str, attributes: str) -> None:
        if not self.rows:
            self.rows.append({})
        row, column = len(self.rows) - 1, 0
        while column in self.rows[row] or row < self._covered.get(column, 0):
            column += 1
        spans = {which.lower(): int(count) for which, count in _SPAN.findall(attributes)}
        for beside in range(max(1, min(spans.get("colspan", 1), _MOST_SPANNED - column))):
            self._covered[column + beside] = row + max(1, spans.get("rowspan", 1))
            self.rows[row][column + beside] = Cell(is_header=name == "th")
        align = _ALIGN.search(attributes)
        self._text, self._place = [], (row, column)
        self._is_header, self._align = name == "th", align[1] if align else ""

    def _end_cell(self) -> None:
        if self._text is None:
            return
        text, self._text = " ".join("".join(self._text).split()), None
        row, column = self._place
        if row < 0:
            self.caption = text
        else:
            self.rows[row][column] = Cell(text, self._is_header, self._align)


def _replace(lines: list[str], place: Sequence[int], new: str) -> None:
    """Replace the lines of a table, with an empty line between the new text and its neighbours."""
    start, end = place
    before = [""] if start > 0 and lines[start - 1].strip() else []
    behind = [""] if end < len(lines) and lines[end].strip() else []
    lines[start:end] = [*before, new, *behind]


def _as_markdown(html: str) -> str | None:
    """Return what an HTML block holds with its tables in Markdown; None if it stays as it is."""
    parts = [part for part in _WHOLE.split(html) if part.strip()]
    if not any(_WHOLE.fullmatch(part) for part in parts):
        parts = [html]
    tables = [table_of_html(part) if "<table" in part.lower() else part.strip() for part in parts]
    if None in tables:
        return None
    written = [write_markdown(one) if isinstance(one, Table) else str(one) for one in tables]
    return "\n\n".join(written)


def _row(cells: tuple[Cell, ...]) -> str:
    return "| " + " | ".join(cell.text.replace("|", "\\|") for cell in cells) + " |"


def _html_cell(cell: Cell) -> str:
    name = "th" if cell.is_header else "td"
    style = f' style="text-align:{cell.align}"' if cell.align else ""
    return f"<{name}{style}>{_html_text(cell.text)}</{name}>"


def _html_text(markdown: str) -> str:
    """Return a cell's Markdown for HTML, where formulas keep their dollar signs."""
    (inline,) = page_parser().parseInline(markdown)
    pieces = []
    for token in inline.children or ():
        match token.type:
            case "math_inline":
                pieces.append(f"${escape(token.content, quote=False)}$")
            case "math_inline_double":
                pieces.append(f"$${escape(token.content, quote=False)}$$")
            case "html_inline":
                pieces.append(token.content)
            case "hardbreak":
                pieces.append("<br>")
            case "softbreak":
                pieces.append(" ")
            case _:
                pieces.append(escape(token.content, quote=False))
    return "".join(pieces)
