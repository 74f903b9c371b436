"""Markdown as the model wrote it, with page numbers in comments."""

from lighton_ocr._text import close_code_fence
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.reading.results import PageResult


def render(document: DocumentResult, separators: bool = True) -> str:
    """Return the whole document; `<!-- page N -->` separates pages if there are several."""
    separators = separators and len(document.pages) > 1
    return "\n".join(render_page(page, separators) for page in document.pages)


def render_page(page: PageResult, separator: bool) -> str:
    """Return one page, ending in a newline; a comment stands for a page that failed."""
    if page.failed:
        text = f"<!-- page {page.page} could not be read -->"
    else:
        text = close_code_fence(page.text.strip())
        if separator:
            text = f"<!-- page {page.page} -->\n\n{text}".strip()
    return text + "\n"
