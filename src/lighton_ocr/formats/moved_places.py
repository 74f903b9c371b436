"""Keep a page's blocks, differences and corrections where their words are when its text changes."""

from collections.abc import Callable
from dataclasses import replace

from lighton_ocr.reading.blocks import block_spans
from lighton_ocr.reading.own_text import Correction, Difference
from lighton_ocr.reading.results import PageResult


def with_moved_blocks(page: PageResult, text: str, moved: Callable[[int], int]) -> PageResult:
    """Return the page with another text; `moved` gives the new place of each of the old one."""
    blocks = list(page.blocks)
    for index, (start, end) in block_spans(page.text, page.blocks).items():
        if blocks[index].text:
            blocks[index] = replace(blocks[index], text=text[moved(start) : moved(end)])
    return replace(page, text=text, blocks=tuple(blocks))


def with_moved_checks(page: PageResult, moved: Callable[[int], int | None]) -> PageResult:
    """Return the page with new places of its differences and corrections, None for no place."""
    if page.own_text is None:
        return page
    differences: list[Difference] = []
    for one in page.own_text.differences:
        if one.start is None:
            differences.append(one)
        elif (start := moved(one.start)) is not None:
            differences.append(replace(one, start=start))
    corrections: list[Correction] = [
        replace(one, start=start)
        for one in page.own_text.corrections
        if (start := moved(one.start)) is not None
    ]
    check = replace(page.own_text, differences=tuple(differences), corrections=tuple(corrections))
    return replace(page, own_text=check)
