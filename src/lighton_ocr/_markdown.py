"""Parse the Markdown that the models write: CommonMark, tables, formulas and a few HTML tags.

Whatever else looks like markup is printed on the page (`<source>`, `$5`) and stays text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.dollarmath import dollarmath_plugin

_NAMES = "table|caption|colgroup|col|thead|tbody|tfoot|tr|th|td|sup|sub|br"
# The last ones are ours: own_text.py marks differences with them.
_TAG = re.compile(
    rf"</?(?:{_NAMES})(?:\s[^<>]*)?/?>|<(?:mark|ins) title=\"[^\"<>]*\">|</(?:mark|ins)>",
    re.IGNORECASE,
)
_TABLE_START = re.compile(r"<table[\s>]", re.IGNORECASE)
_TABLE_END = re.compile(r"</table\s*>", re.IGNORECASE)
_FORMULA = re.compile(
    r"\$\$(?P<block>.+?)\$\$|\$(?P<inline>(?=\S)(?:\\.|[^$\\])+)(?<!\s)\$", re.DOTALL
)

_AMOUNT = re.compile(r"[\d.,]+\s+[^\W\d_]{2,}")  # 5 members


def page_parser(*, breaks: bool = False) -> MarkdownIt:
    """Return a parser of the models' Markdown; with `breaks`, it renders ends of lines as such.

    Tables in HTML become `html_block` tokens, whose content `split_table` takes apart; other tags
    `html_inline`; formulas `math_inline`, `math_inline_double` and `math_block`.
    """
    parser = MarkdownIt("commonmark", {"html": False, "breaks": breaks}).enable(
        ["table", "strikethrough"]
    )
    parser.use(dollarmath_plugin)
    parser.inline.ruler.at("math_inline", _formula_rule)
    parser.inline.ruler.before("html_inline", "tag", _tag_rule)
    alternatives: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}
    parser.block.ruler.before("html_block", "html_table", _table_rule, alternatives)
    return parser


@dataclass(frozen=True)
class Formula:
    """LaTeX between dollar signs; `is_block` with two of them. `end` is its end in the text."""

    latex: str
    is_block: bool
    end: int


def split_table(html: str) -> Iterator[str | Formula]:
    """Split a table's HTML into formulas and the HTML between them, with its text escaped."""
    position = 0
    for tag in (*_TAG.finditer(html), None):
        yield from _split_text(unescape(html[position : tag.start() if tag else None]))
        if tag:
            yield tag[0]
            position = tag.end()


def _split_text(text: str) -> Iterator[str | Formula]:
    written = position = 0
    while (position := text.find("$", position)) >= 0:
        formula = None if text[:position].endswith("\\") else _formula_at(text, position)
        if formula is None:
            position += 1
            continue
        yield escape(text[written:position])
        yield formula
        written = position = formula.end
    yield escape(text[written:])


def _formula_at(text: str, start: int) -> Formula | None:
    """Return the formula that starts there, if one does.

    Pandoc's rule: no space inside the dollar signs, and no digit behind the closing one, which
    would be a price. Unlike in Pandoc, a digit may follow LaTeX commands, as in `3$\\times$4`, and
    an amount with a word behind it is no formula.
    """
    match = _FORMULA.match(text, start)
    if match is None:
        return None
    latex = match["block"] or match["inline"]
    if _TAG.search(latex):
        return None
    if match["inline"] and "\\" not in latex:
        following = text[match.end() : match.end() + 1]
        if following.isdigit() or _AMOUNT.match(latex):
            return None
    return Formula(latex, match["block"] is not None, match.end())


def _formula_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$" or (formula := _formula_at(state.src, state.pos)) is None:
        return False
    if not silent:
        token = state.push("math_inline_double" if formula.is_block else "math_inline", "math", 0)
        token.content = formula.latex
    state.pos = formula.end
    return True


def _tag_rule(state: StateInline, silent: bool) -> bool:
    tag = _TAG.match(state.src, state.pos)
    if tag is None:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = tag[0]
    state.pos = tag.end()
    return True


def _table_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take a table in HTML to its end, or to the next empty line if it has none."""
    if state.is_code_block(start) or not _TABLE_START.match(state.src, _begin(state, start)):
        return False
    if silent:
        return True
    depth, line, empty = 0, start, None
    while line < end:
        text = state.src[_begin(state, line) : state.eMarks[line]]
        depth += len(_TABLE_START.findall(text)) - len(_TABLE_END.findall(text))
        line += 1
        if depth <= 0:
            break
        if line < end and empty is None and state.isEmpty(line):
            empty = line
    else:
        line = empty or end
    token = state.push("html_block", "", 0)
    token.content = state.getLines(start, line, state.blkIndent, True)
    token.map = [start, line]
    state.line = line
    return True


def _begin(state: StateBlock, line: int) -> int:
    return state.bMarks[line] + state.tShift[line]
