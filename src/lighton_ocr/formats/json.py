"""JSON: every page with its attempts, tokens, warnings, and blocks with their boxes."""

import json
from dataclasses import asdict
from typing import Any

from lighton_ocr.documents.boxes import BOX_SIZE, Box
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.options import DEFAULT_OPTIONS, OutputOptions
from lighton_ocr.reading.blocks import Block
from lighton_ocr.reading.results import PageResult


def render(document: DocumentResult, _: OutputOptions = DEFAULT_OPTIONS) -> str:
    """Return one object: source, model, endpoint, and each `PageResult` under `pages`."""
    values = {**asdict(document), "pages": list(map(_page, document.pages))}
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def block_values(page: PageResult, block: Block) -> dict[str, Any]:
    """Return a block with its box also in points, from the page's upper left corner."""
    return {**asdict(block), "box_pt": _points(page, block.box)}


def _page(page: PageResult) -> dict[str, Any]:
    figures = [
        {
            "number": figure.number,
            "file": figure.name,
            "box": figure.box,
            "box_pt": _points(page, figure.box),
        }
        for figure in page.figures
    ]
    blocks = [block_values(page, block) for block in page.blocks]
    return {**asdict(page), "blocks": blocks, "figures": figures}


def _points(page: PageResult, box: Box | None) -> list[float] | None:
    if box is None or page.size_pt is None:
        return None
    width, height = page.size_pt
    return [
        round(side * size / BOX_SIZE, 2)
        for side, size in zip(box, (width, height, width, height), strict=True)
    ]
