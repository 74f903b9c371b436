"""Tables of a page in HTML: each in a box that scrolls, with its numbers aligned on the right."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

_TABLE = re.compile(r"<table>(?P<rows>.*?)</table>", re.DOTALL)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<(?P<tag>t[dh])(?P<attributes>[^>]*)>(?P<content>.*?)</t[dh]>", re.DOTALL)
_SPAN = re.compile(r'(col|row)span="(\d+)"')
_ALIGNED = re.compile(r' style="text-align:\s*(left|center|right);?"')
_TAG = re.compile(r"<[^>]*>")
_UNIT = r"(?:[$€£¥%‰°]|[A-Z]{3}|kr\.?|[kKMG]?[gmsWBV])"
_NUMBER = re.compile(rf"[(+−–-]?{_UNIT}?[+−–-]?\d[\d.,'’]*(?:[eE][+-]?\d+)?{_UNIT}?\)?")
_NOTHING = {"", "-", "–", "—", "n/a", "..."}  # in a column of numbers
_MOST_SPANNED = 1000  # columns, by all cells of a row
_WIDE = 7  # columns from which a table hardly fits on paper


@dataclass(frozen=True)
class _PlacedCell:
    """A cell: its place in the table's HTML, its row and first column, and how many it spans."""

    match: re.Match[str]
    row: int
    column: int
    columns: int

    @property
    def text(self) -> str:
        return "".join(unescape(_TAG.sub("", self.match["content"])).split())

    @property
    def is_header(self) -> bool:
        return self.match["tag"] == "th"


def lay_out_tables(html: str) -> str:
    """Return sanitised HTML with its tables laid out; a table inside of a table stays as it is."""
    return _TABLE.sub(lambda match: _lay_out(match[0]), html)


def _lay_out(table: str) -> str:
    if table.count("<table>") > 1:
        return table
    cells = list(_cells(table))
    count = max((cell.column + cell.columns for cell in cells), default=0)
    columns = defaultdict(list)
    for cell in cells:
        if cell.columns == 1:
            columns[cell.column].append(cell)
    numeric = {column for column, its_cells in columns.items() if _is_numeric(its_cells)}
    for cell in reversed(cells):
        start, end = cell.match.span("attributes")
        table = table[:start] + _attributes(cell, numeric) + table[end:]
    kind = "table wide" if count >= _WIDE else "table"
    return f'<div class="{kind}" role="region" aria-label="Table" tabindex="0">{table}</div>'


def _attributes(cell: _PlacedCell, numeric: set[int]) -> str:
    """Return a cell's attributes, with classes in place of styles."""
    attributes = cell.match["attributes"]
    aligned = _ALIGNED.search(attributes)
    rest = _ALIGNED.sub("", attributes)
    if cell.columns == 1 and cell.column in numeric:
        return f'{rest} class="number"'
    return f'{rest} class="{aligned[1]}"' if aligned and aligned[1] != "left" else rest


def _cells(table: str) -> Iterator[_PlacedCell]:
    """Yield the cells row by row, each in the column where a browser shows it."""
    covered: dict[int, int] = defaultdict(int)  # by column: the first row below what spans it
    for row, line in enumerate(_ROW.finditer(table)):
        column = 0
        for match in _CELL.finditer(table, *line.span(1)):
            while row < covered[column]:
                column += 1
            spans = {name: int(count) for name, count in _SPAN.findall(match["attributes"])}
            columns = max(1, min(spans.get("col", 1), _MOST_SPANNED - column))
            for beside in range(column, column + columns):
                covered[beside] = max(covered[beside], row + spans.get("row", 1))
            yield _PlacedCell(match, row, column, columns)
            column += columns


def _is_numeric(column: list[_PlacedCell]) -> bool:
    """Whether a column's cells hold numbers alone, below its header; the first row may be one."""
    body = [cell for cell in column if not cell.is_header]
    texts = [cell.text for cell in body if cell.row > 0] or [cell.text for cell in body]
    filled = [text for text in texts if text not in _NOTHING]
    return bool(filled) and all(map(_NUMBER.fullmatch, filled))
