"""Markdown as the model wrote it, with page numbers and warnings in comments."""

import json
from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import quote

from lighton_ocr._text import close_code_fence, escape_controls
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.options import DEFAULT_OPTIONS, OutputOptions
from lighton_ocr.reading.blocks import figure_name
from lighton_ocr.reading.results import PageResult


def render(document: DocumentResult, options: OutputOptions = DEFAULT_OPTIONS) -> str:
    """Return the whole document; page breaks separate pages if there are several."""
    pages = document.pages
    texts = [
        render_page(page, page_break(page.page, options, index) if len(pages) > 1 else "", options)
        for index, page in enumerate(pages)
    ]
    if options.front_matter:
        numbers = [page.page for page in pages]
        texts.insert(0, front_matter(document.source, numbers, document.model))
    return "\n".join(texts)


def render_page(
    page: PageResult, page_break: str = "", options: OutputOptions = DEFAULT_OPTIONS
) -> str:
    """Return one page, ending in a newline; a comment stands for a page that failed."""
    if page.failed:
        return f"<!-- page {page.page} could not be read -->\n"
    text = close_code_fence(page.text.strip())
    for figure in page.figures:
        text = text.replace(f"]({figure_name(figure.number)})", f"]({quote(figure.name)})", 1)
    if page.warnings and options.page_breaks == "comment":
        notes = "\n".join(f"<!-- {_in_comment(warning)} -->" for warning in page.warnings)
        text = f"{notes}\n\n{text}"
    return f"{page_break}{text}".strip() + "\n"


def page_break(page: int, options: OutputOptions, index: int) -> str:
    """Return what stands in front of a page (from 1) that is the one of that index (from 0)."""
    match options.page_breaks:
        case "comment":
            return f"<!-- page {page} -->\n\n"
        case "rule" if index > 0:
            return "---\n\n"
    return ""


def front_matter(source: str, pages: Sequence[int], model: str) -> str:
    """Return YAML that names the source, its pages (from 1) and the model, between `---` lines."""
    # A JSON string is a YAML string.
    lines = [f"source: {json.dumps(source)}", f'pages: "{_ranges(pages)}"', f"model: {model}"]
    return "\n".join(["---", *lines, "---", ""])


def _ranges(pages: Sequence[int]) -> str:
    """Return page numbers as `--pages` takes them: 1-3,7."""
    starts = [0, *(i for i, (a, b) in enumerate(pairwise(pages), 1) if b != a + 1), len(pages)]
    runs = [pages[start:end] for start, end in pairwise(starts) if start < end]
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _in_comment(warning: str) -> str:
    """Return a warning that cannot end the comment: it may quote the document."""
    line = " ".join(escape_controls(warning).split())
    return line.replace("--", "- -").replace("--", "- -").replace(">", "&gt;")
