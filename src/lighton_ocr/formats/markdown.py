"""Markdown as the model wrote it, with page numbers and warnings in comments."""

from lighton_ocr._text import close_code_fence, visible
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.reading.results import PageResult


def render(document: DocumentResult, comments: bool = True) -> str:
    """Return the whole document.

    With `comments`, `<!-- page N -->` separates pages if there are several, and each warning of a
    page stands in a comment before its text.
    """
    numbered = len(document.pages) > 1
    return "\n".join(render_page(page, numbered, comments) for page in document.pages)


def render_page(page: PageResult, numbered: bool, comments: bool = True) -> str:
    """Return one page, ending in a newline; a comment stands for a page that failed."""
    if page.failed:
        return f"<!-- page {page.page} could not be read -->\n"
    parts = [close_code_fence(page.text.strip())]
    if comments:
        notes = [f"<!-- page {page.page} -->"] if numbered else []
        notes += [f"<!-- {_in_comment(warning)} -->" for warning in page.warnings]
        parts.insert(0, "\n".join(notes))
    return "\n\n".join(filter(None, parts)) + "\n"


def _in_comment(warning: str) -> str:
    """Return a warning that cannot end the comment: it may quote the document."""
    line = " ".join(visible(warning).split())
    return line.replace("--", "- -").replace("--", "- -").replace(">", "&gt;")
