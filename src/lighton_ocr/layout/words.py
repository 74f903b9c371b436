"""The words of a page's Markdown as printed: without markup, formulas as characters."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

from latex2mathml.converter import convert
from markdown_it.token import Token

from lighton_ocr._markdown import page_parser, split_table
from lighton_ocr.layout.lines import LEADER

_TAG = re.compile(r"<[^>]*>")
_BREAKING_TAG = re.compile(r"(?i)</?(?:br|tr|td|th|caption)\b[^>]*>")
_BREAK = "\n"
_FIGURE = "\ufffc"  # stands for an object in a text
_LEADER = re.compile(rf"([._·…–—-])(?:\s*\1){{{LEADER - 1},}}")


@dataclass(frozen=True, slots=True)
class PrintedWord:
    """A word; `starts_line` says that a line of the page begins with it, as paragraphs do.

    With `follows_figure`, a figure is between it and the word before it.
    """

    text: str
    starts_line: bool = False
    follows_figure: bool = False


def printed_words(markdown: str) -> list[PrintedWord]:
    """Return the words of a page in reading order, without rows of dots or dashes."""
    text = "".join(_blocks(page_parser().parse(markdown)))
    words, follows_figure = [], False
    for line in text.split(_BREAK):
        if line == _FIGURE:
            follows_figure = True
            continue
        for index, word in enumerate(_LEADER.sub(" ", line).split()):
            words.append(PrintedWord(word, not index, follows_figure))
            follows_figure = False
    return words


def _blocks(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield from _inline(token.children or [])
        elif token.type in ("fence", "code_block"):
            yield token.content
        elif token.type == "html_block":
            yield from _table(token.content)
        elif token.type in ("math_block", "math_block_label"):
            yield _formula(token.content)
        else:
            continue
        yield _BREAK


def _inline(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            yield _BREAK
        elif token.type == "html_inline":
            yield _BREAK if _BREAKING_TAG.match(token.content) else ""
        elif token.type.startswith("math_"):
            yield _formula(token.content)
        elif token.type in ("text", "code_inline"):
            yield token.content
        elif token.type == "image":
            yield from (_BREAK, _FIGURE, _BREAK)


def _table(html: str) -> Iterator[str]:
    for part in split_table(html):
        if isinstance(part, str):
            yield unescape(_TAG.sub("", _BREAKING_TAG.sub(_BREAK, part)))
        else:
            yield _formula(part.latex)


def _formula(latex: str) -> str:
    """Return the characters of a formula without spaces, as one word."""
    try:
        mathml = str(convert(latex.strip()))
    except Exception:  # the converter raises many kinds of errors
        return latex
    return "".join(unescape(_TAG.sub("", mathml)).split())
