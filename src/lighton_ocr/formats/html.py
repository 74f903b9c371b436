"""A web page that stands alone: tables, formulas as MathML, no scripts, nothing loaded.

The text may come from anybody's document, so all of it is sanitised.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from lighton_ocr.formats import own_text
from lighton_ocr.formats.page_markdown import page_parser, split_table
from lighton_ocr.reading.results import DocumentResult, PageResult

_MATHML = set(
    (
        "math mrow mi mn mo ms mtext mspace msup msub msubsup mfrac msqrt mroot munder mover "
        "munderover mtable mtr mtd mlabeledtr mpadded mphantom mstyle mfenced menclose semantics"
    ).split()
)
_TAGS = nh3.ALLOWED_TAGS - {"img"} | _MATHML | {"span"}  # images would be loaded from elsewhere
_ATTRIBUTES = {
    "math": {"display", "xmlns"},
    "td": {"colspan", "rowspan", "style"},
    "th": {"colspan", "rowspan", "style"},
    "mo": {"stretchy", "fence", "form", "separator", "movablelimits", "minsize", "maxsize"},
    "mi": {"mathvariant"},
    "mspace": {"width", "linebreak"},
    "mtable": {"columnalign", "rowspacing", "columnspacing"},
    "mtd": {"columnalign"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mfrac": {"linethickness"},
    "ol": {"start"},
    "code": {"class"},
}

_STYLE = """
body { font: 16px/1.5 Georgia, serif; color: #1c1c1c; background: #ececec; margin: 0; }
section { background: #fff; max-width: 46em; margin: 1.5em auto; padding: 2.5em 3em;
  box-shadow: 0 1px 4px #0003; overflow-wrap: anywhere; }
section > header { font: 13px sans-serif; color: #777; text-align: right; }
table { border-collapse: collapse; margin: 1em 0; font-size: .92em; }
th, td { border: 1px solid #bbb; padding: .25em .6em; text-align: left; vertical-align: top; }
th { background: #f4f4f4; }
pre { background: #f6f6f6; padding: .8em; overflow-x: auto; }
math[display=block] { margin: 1em 0; }
.figure { display: block; color: #777; border: 1px dashed #bbb; padding: 1.5em;
  text-align: center; }
.failed { color: #a00; }
mark { background: #ffe08a; }
ins { background: #d9f2d0; text-decoration: none; }
.own-text { font: 13px sans-serif; color: #555; border-top: 1px solid #ddd; padding-top: .8em; }
"""


def render(document: DocumentResult) -> str:
    """Return the whole document, one sheet a page."""
    title = escape(document.source)
    sheets = "\n".join(render_page(page) for page in document.pages)
    return (
        '<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{sheets}\n"
        "</body>\n</html>\n"
    )


def render_page(page: PageResult) -> str:
    """Return one page as a `section`, for a document that has the style."""
    if page.failed:
        body = '<p class="failed">This page could not be read.</p>'
    else:
        body = nh3.clean(
            _markdown().render(own_text.mark(page)),
            tags=_TAGS,
            attributes={**nh3.ALLOWED_ATTRIBUTES, **_ATTRIBUTES},
            filter_style_properties={"text-align"},
            set_tag_attribute_values={"span": {"class": "figure"}},
        )
    sheet = f"<header>{page.page}</header>\n{body}{own_text.listed(page)}"
    return f'<section id="page-{page.page}">\n{sheet}</section>'


def _markdown() -> MarkdownIt:
    markdown = page_parser()
    for rule in ("math_inline", "math_inline_double", "math_block", "math_block_label"):
        markdown.add_render_rule(rule, _math)
    markdown.add_render_rule("image", _figure)
    markdown.add_render_rule("html_block", _table)
    return markdown


def _math(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    token = tokens[index]
    return _mathml(token.content, block=token.type != "math_inline")


def _table(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    """Render formulas inside HTML tables, which Markdown parsers skip."""
    return "".join(
        part if isinstance(part, str) else _mathml(part.latex, part.is_block)
        for part in split_table(tokens[index].content)
    )


def _figure(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    """Show where a figure is: its image is not extracted."""
    return f"<span>{escape(tokens[index].content or 'image')}</span>"


def _mathml(latex: str, block: bool) -> str:
    try:
        return str(convert(latex.strip(), display="block" if block else "inline"))
    except Exception:  # the converter raises many kinds of errors
        return f"<code>{escape(latex)}</code>"
