"""The text of one page as an HTML fragment: tables, formulas as MathML, no scripts, nothing loaded.

The text may come from anybody's document, so all of it is sanitised.
"""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from lighton_ocr._markdown import page_parser, split_table
from lighton_ocr.formats import own_text
from lighton_ocr.formats.html_tables import lay_out_tables
from lighton_ocr.reading.blocks import figure_name
from lighton_ocr.reading.results import PageResult

_MATHML = set(
    (
        "math mrow mi mn mo ms mtext mspace msup msub msubsup mfrac msqrt mroot munder mover "
        "munderover mtable mtr mtd mlabeledtr mpadded mphantom mstyle mfenced menclose semantics"
    ).split()
)
_TAGS = nh3.ALLOWED_TAGS | _MATHML | {"span"}
_PICTURE = "data:image/jpeg;base64,"
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


def render_page(page: PageResult) -> str:
    """Return the page's text as a fragment, for an element of class `page`."""
    if page.failed:
        return f'<p class="failed">Page {page.page} could not be read.</p>\n'
    return lay_out_tables(
        _sanitised(_parser().render(own_text.mark(page), {"figures": _sources(page)}))
    )


def page_stylesheet() -> str:
    """Return the CSS of `render_page`; its rules touch nothing outside of class `page`."""
    return (files("lighton_ocr.formats") / "page.css").read_text("utf-8")


def _sanitised(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={**nh3.ALLOWED_ATTRIBUTES, **_ATTRIBUTES},
        filter_style_properties={"text-align"},
        url_schemes={*nh3.ALLOWED_URL_SCHEMES, "data"},
        attribute_filter=_without_foreign_data,
        # With a tab index, code that is wider than the screen can be scrolled with the keyboard.
        set_tag_attribute_values={"span": {"class": "figure"}, "pre": {"tabindex": "0"}},
    )


def _parser() -> MarkdownIt:
    # Models write a paragraph on one line, so a line break is meant, as in an address.
    parser = page_parser(breaks=True)
    for rule in ("math_inline", "math_inline_double", "math_block", "math_block_label"):
        parser.add_render_rule(rule, _math)
    parser.add_render_rule("image", _figure)
    parser.add_render_rule("html_block", _table)
    return parser


def _math(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    token = tokens[index]
    return _mathml(token.content, block=token.type != "math_inline")


def _table(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    """Render formulas inside HTML tables, which Markdown parsers skip."""
    table = "".join(
        part if isinstance(part, str) else _mathml(part.latex, part.is_block)
        for part in split_table(tokens[index].content)
    )
    return _sanitised(table) + "\n"  # by itself: this closes a table that has no end


def _sources(page: PageResult) -> dict[str, str]:
    """Return the figures of a page as data URLs, by the names that its Markdown links."""
    return {figure_name(figure.number): _PICTURE + figure.jpeg for figure in page.figures}


def _without_foreign_data(tag: str, attribute: str, value: str) -> str | None:
    """Leave out images that are not ours, which would be loaded, and links to data."""
    if (tag, attribute) == ("img", "src"):
        return value if value.startswith(_PICTURE) else None
    return None if value.lower().lstrip().startswith("data:") else value


def _figure(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: Any, env: dict[str, Any]
) -> str:
    """Show a figure, or where one is."""
    text = tokens[index].content
    if source := env["figures"].get(str(tokens[index].attrs.get("src", ""))):
        return f'<img src="{source}" alt="{escape(text)}">'
    return f"<span>{'Figure' if text.lower() in ('', 'image') else escape(text)}</span>"


def _mathml(latex: str, block: bool) -> str:
    try:
        return str(convert(latex.strip(), display="block" if block else "inline"))
    except Exception:  # the converter raises many kinds of errors
        return f"<code>{escape(latex)}</code>"
