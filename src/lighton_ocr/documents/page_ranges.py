"""Page ranges as users write them: `1-3,7,-1`."""

import re
from collections.abc import Iterable, Sequence

from lighton_ocr._text import pluralize
from lighton_ocr.errors import UsageError

_ITEM = re.compile(r"(?P<first>-?\d+)(?P<dash>-(?P<last>-?\d+)?)?")

# Pages as users name them: `1-3,7,-1`, or the numbers themselves.
Pages = str | int | Iterable[int]


def choose_pages(pages: Pages | None, count: int, name: str) -> Sequence[int]:
    """Return the page indices (from 0) that `pages` selects of a document of `count` pages.

    Pages count from 1, or from the end with a minus sign; `5-` runs to the last page. Each page is
    taken once, in the order given; None takes all.

    Raises:
        UsageError: that is no range, no page at all, or the document `name` has no such page.
    """
    if pages is None:
        return range(count)
    ranges = pages if isinstance(pages, str) else _written(pages)
    chosen: dict[int, None] = {}
    for item in ranges.split(","):
        match = _ITEM.fullmatch(item.strip())
        if match is None:
            raise UsageError(f"{item.strip()!r} is not a page or a range, such as 1-3,7,-1.")
        if match["last"] and _is_backwards(match["first"], match["last"]):
            raise UsageError(
                f"The range {item.strip()} runs backwards: write the lower page first."
            )
        first = _index(match["first"], count, name)
        last = first
        if match["dash"]:
            last = _index(match["last"] or "-1", count, name)
        if last < first:
            raise UsageError(
                f"The range {item.strip()} runs backwards in {name} ({pluralize(count, 'page')})."
            )
        chosen.update(dict.fromkeys(range(first, last + 1)))
    return tuple(chosen)


def _written(pages: int | Iterable[int]) -> str:
    numbers = [pages] if isinstance(pages, int) else list(pages)
    if not numbers:
        raise UsageError("No page was chosen: name at least one, or leave out `pages` to read all.")
    return ",".join(map(str, numbers))


def _is_backwards(first: str, last: str) -> bool:
    """Whether a range runs backwards in any document; with one minus sign, that depends on it."""
    return first.startswith("-") == last.startswith("-") and int(last) < int(first)


def _index(number: str, count: int, name: str) -> int:
    page = int(number)
    index = page - 1 if page > 0 else count + page
    if page == 0 or not 0 <= index < count:
        pages = pluralize(count, "page")
        raise UsageError(f"There is no page {page} in {name}: it has {pages}, counted from 1.")
    return index
