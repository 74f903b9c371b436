"""Name the pages whose warnings should be looked at."""

from collections.abc import Iterable
from itertools import groupby, islice

from lighton_ocr._text import pluralize

MOST_NAMED = 12  # pages that a summary names


def deserve_a_look(count: int, pages: Iterable[tuple[str, int]]) -> str:
    """Return `2 pages deserve a look: report.pdf 3, 7`.

    `pages` are documents and page numbers, of which the first are named.
    """
    shown = sorted(islice(pages, MOST_NAMED))
    named = "; ".join(
        f"{document} {', '.join(str(page) for _, page in group)}"
        for document, group in groupby(shown, key=lambda one: one[0])
    )
    more = "; …" if count > len(shown) else ""
    verb = "deserves" if count == 1 else "deserve"
    return f"{pluralize(count, 'page')} {verb} a look: {named}{more}"
