"""Split a page's Markdown into its blocks: titles, paragraphs, tables, figures and so on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lighton_ocr._markdown import page_parser

_KINDS = {
    "paragraph_open": "text",
    "blockquote_open": "text",
    "heading_open": "section",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "html_block": "table",
    "fence": "code",
    "code_block": "code",
    "math_block": "formula",
    "math_block_label": "formula",
}
_FIGURE = re.compile(r"!\[image\]\(image_\d+\.(?:png|jpg)\)")  # as models link it; others are print
_LINE_END = re.compile(r"\r\n|\r|\n")  # as the parser counts lines


@dataclass(frozen=True)
class MarkdownBlock:
    """A block from `start` to `end` in a page's Markdown; `kind` as LightOnOCR-3 labels it."""

    kind: str
    start: int
    end: int


def markdown_blocks(text: str) -> list[MarkdownBlock]:
    """Return the blocks of a page's Markdown in their order.

    Their kinds are title, section, text, list, table, code, formula and image: a line that holds
    nothing but a model's link to a figure.
    """
    starts = [0, *(end.end() for end in _LINE_END.finditer(text)), len(text)]
    lines = [text[start:end].strip() for start, end in pairwise(starts)]
    found = []
    for token in page_parser().parse(text):
        if token.level or not token.map or token.type not in _KINDS:
            continue
        first, last = token.map
        whole = "title" if token.tag == "h1" else _KINDS[token.type]
        parts = _parts(lines, first, last) if whole == "text" else [(whole, first, last)]
        for kind, begin, end in parts:
            part = text[starts[begin] : starts[end]]
            start = starts[begin] + len(part) - len(part.lstrip())
            found.append(MarkdownBlock(kind, start, start + len(part.strip())))
    return [block for block in found if block.start < block.end]


def _parts(lines: list[str], first: int, last: int) -> Iterator[tuple[str, int, int]]:
    """Part a paragraph at lines that hold a figure alone."""
    begin = first
    for number in range(first, last):
        if _FIGURE.fullmatch(lines[number]):
            if begin < number:
                yield "text", begin, number
            yield "image", number, number + 1
            begin = number + 1
    if begin < last:
        yield "text", begin, last
