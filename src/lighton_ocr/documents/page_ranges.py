"""Page ranges as users write them: `1-3,7,-1`."""

import re
from collections.abc import Sequence

from lighton_ocr._text import pluralize
from lighton_ocr.errors import UsageError

_ITEM = re.compile(r"(?P<first>-?\d+)(?P<dash>-(?P<last>-?\d+)?)?")


def choose_pages(ranges: str | None, count: int, name: str) -> Sequence[int]:
    """Return the page indices (from 0) that `ranges` selects of a document of `count` pages.

    Pages count from 1, or from the end with a minus sign; `5-` runs to the last page. Each page is
    taken once, in the order given; None takes all.

    Raises:
        UsageError: the text is no range, or the document `name` has no such page.
    """
    if ranges is None:
        return range(count)
    chosen: dict[int, None] = {}
    for item in ranges.split(","):
        match = _ITEM.fullmatch(item.strip())
        if match is None:
            raise UsageError(f"{item.strip()!r} is not a page or a range; write --pages 1-3,7,-1.")
        first = _index(match["first"], count, name)
        last = first
        if match["dash"]:
            last = _index(match["last"] or "-1", count, name)
        if last < first:
            pages = pluralize(count, "page")
            raise UsageError(f"The range {item.strip()} runs backwards in {name} ({pages}).")
        chosen.update(dict.fromkeys(range(first, last + 1)))
    return tuple(chosen)


def _index(number: str, count: int, name: str) -> int:
    page = int(number)
    index = page - 1 if page > 0 else count + page
    if page == 0 or not 0 <= index < count:
        pages = pluralize(count, "page")
        raise UsageError(f"There is no page {page} in {name}: it has {pages}, counted from 1.")
    return index
