"""What a client wants beside a page's Markdown instead of in it: tables, the header, the footer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import BaseModel

from lighton_ocr.formats.options import without_blocks
from lighton_ocr.formats.tables import convert_tables, take_tables
from lighton_ocr.reading.blocks import Block, join_blocks
from lighton_ocr.reading.results import PageResult
from lighton_ocr.server.ocr_request import OcrOptions, TableFormat

_MIDDLE = 500  # of a page's height, from 0 to 1000
_MARKUP: dict[TableFormat, Literal["md", "html"]] = {"markdown": "md", "html": "html"}


class OcrTable(BaseModel):
    """A table, linked in the Markdown by its `id`."""

    id: str
    content: str
    format: TableFormat


@dataclass(frozen=True)
class PageParts:
    """A page with the rest of its text, and the parts that were taken out of it."""

    page: PageResult
    tables: tuple[OcrTable, ...] = ()
    header: str | None = None
    footer: str | None = None


def take_parts(page: PageResult, options: OcrOptions, first_table: int) -> PageParts:
    """Take out of a page what the options ask for; its tables are numbered from `first_table`."""
    header = [block for block in page.blocks if options.extract_header and _is_header(block)]
    footer = [block for block in page.blocks if options.extract_footer and is_footer(block)]
    page = without_blocks(page, lambda block: block in header or block in footer)
    tables: tuple[OcrTable, ...] = ()
    if options.table_format and not page.failed:
        page, tables = _take_tables(page, options.table_format, first_table)
    return PageParts(page, tables, _text(header), _text(footer))


def _take_tables(
    page: PageResult, format: TableFormat, first: int
) -> tuple[PageResult, tuple[OcrTable, ...]]:
    markup = _MARKUP[format]

    def name(index: int) -> str:
        return f"tbl-{first + index}.{markup}"

    text, tables = take_tables(page.text, lambda index: f"[{name(index)}]({name(index)})")
    return replace(page, text=text), tuple(
        OcrTable(id=name(index), content=convert_tables(table, markup), format=format)
        for index, table in enumerate(tables)
    )


def _is_header(block: Block) -> bool:
    return block.kind in ("header", "header_image") or (
        block.kind == "page_number" and not is_footer(block)
    )


def is_footer(block: Block) -> bool:
    """Whether it is part of the footer, as the number below a page is."""
    if block.kind == "page_number":
        return block.box is not None and block.box[1] > _MIDDLE
    return block.kind in ("footer", "footer_image")


def _text(blocks: Sequence[Block]) -> str | None:
    return join_blocks(blocks) or None
