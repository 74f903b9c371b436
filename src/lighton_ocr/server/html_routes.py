"""`POST /v1/html`: a page's Markdown as HTML, for text that was corrected by hand."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lighton_ocr.formats.page_html import render_page
from lighton_ocr.reading.results import PageResult
from lighton_ocr.server.openapi import ERRORS

router = APIRouter(responses=ERRORS)
_LONGEST = 100_000  # characters; no model writes as much for a page


class PageMarkdown(BaseModel):
    """A page's Markdown."""

    markdown: Annotated[str, Field(max_length=_LONGEST)]


class PageHtml(BaseModel):
    """The page as a fragment, sanitised; `page.css` is its style."""

    html: str


@router.post("/v1/html")
def html(page: PageMarkdown) -> PageHtml:
    """Render a page's Markdown as the events of `/v1/ocr` do with `include_html`."""
    return PageHtml(html=render_page(PageResult(1, page.markdown, "stop")))
