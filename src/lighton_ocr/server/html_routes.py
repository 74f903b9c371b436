"""`POST /v1/html`: a page's Markdown as HTML, for text that was corrected by hand."""

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel

from lighton_ocr.formats.page_html import render_page
from lighton_ocr.reading.results import PageResult
from lighton_ocr.server.json_body import json_body
from lighton_ocr.server.limits import PageText
from lighton_ocr.server.openapi import ERRORS

router = APIRouter(responses=ERRORS)


class PageMarkdown(BaseModel):
    """A page's Markdown."""

    markdown: PageText


class PageHtml(BaseModel):
    """The page as a fragment, sanitised; `page.css` is its style."""

    html: str


_SCHEMA = {"application/json": {"schema": PageMarkdown.model_json_schema()}}


@router.post("/v1/html", openapi_extra={"requestBody": {"required": True, "content": _SCHEMA}})
async def html(request: Request) -> PageHtml:
    """Render a page's Markdown as the events of `/v1/ocr` do with `include_html`."""
    page = PageMarkdown.model_validate(await json_body(request))
    result = PageResult(1, page.markdown, "stop")
    return PageHtml(html=await asyncio.to_thread(render_page, result))
