"""A web page that stands alone: for a screen of any width, light or dark, and for paper."""

import math
from html import escape
from importlib.resources import files
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from lighton_ocr._language import find_language
from lighton_ocr._markdown import page_parser
from lighton_ocr._text import pluralize
from lighton_ocr.formats import own_text
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.options import DEFAULT_OPTIONS, OutputOptions
from lighton_ocr.formats.page_html import page_stylesheet, render_page
from lighton_ocr.reading.results import PageResult

_LINE = 100  # characters that a printed line holds
_DENSE, _DENSER = 46, 64  # lines from which a page is printed in smaller type


def render(document: DocumentResult, _: OutputOptions = DEFAULT_OPTIONS) -> str:
    """Return the whole document, one sheet a page."""
    language = find_language("\n".join(page.text for page in document.pages))
    lang = f' lang="{language}"' if language else ""
    count = len(document.pages)
    sheets = "\n".join(_sheet(page, is_alone=count == 1) for page in document.pages)
    style = page_stylesheet() + (files("lighton_ocr.formats") / "html.css").read_text("utf-8")
    return (
        f'<!doctype html>\n<html{lang}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title(document))}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{sheets}\n</main>\n</body>\n</html>\n"
    )


def title(document: DocumentResult) -> str:
    """Return the first heading of the first page that has text, or the file's name."""
    first = next((page.text for page in document.pages if page.text.strip()), "")
    tokens = page_parser().parse(first)
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            words = (child.content for child in tokens[index + 1].children or ())
            return " ".join("".join(words).split())
    return PurePosixPath(unquote(urlsplit(document.source).path)).name or document.source


def _sheet(page: PageResult, *, is_alone: bool) -> str:
    kind = "page"
    if (lines := _printed_lines(page.text)) > _DENSE:
        kind += " denser" if lines > _DENSER else " dense"
    number = "" if is_alone else f"<p>{page.page}</p>"
    footer = _notes(page) + number
    if footer:
        footer = f"<footer>{footer}</footer>\n"
    return f'<section class="{kind}" id="page-{page.page}">\n{render_page(page)}{footer}</section>'


def _notes(page: PageResult) -> str:
    """Return what is to be said about a page's reading, folded away; empty if nothing is."""
    notes = [*page.warnings, *own_text.listed(page)]
    if not notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    summary = pluralize(len(notes), "note") + " on this page"
    return f'<details class="notes"><summary>{summary}</summary><ul>{items}</ul></details>'


def _printed_lines(markdown: str) -> float:
    """Estimate the lines that a page takes in print."""
    return sum(_height(line) for line in markdown.splitlines())


def _height(line: str) -> float:
    if not line.strip():
        return 0.6
    if line.startswith(("#", "$$")):
        return 2.0
    return math.ceil(len(line) / _LINE)
