"""Which pages of a batch deserve a look, the most doubtful first."""

import json
from contextlib import closing
from dataclasses import asdict, dataclass
from heapq import nlargest

from lighton_ocr.batch.journal import Journal
from lighton_ocr.batch.state import state_folder
from lighton_ocr.reading.review import Review, review


@dataclass(frozen=True)
class PageToReview:
    """A page (from 1) of a document, and why somebody should look at it."""

    address: str
    page: int
    review: Review

    def describe(self) -> str:
        """Return a line for people."""
        return f"{self.address} page {self.page}: {', '.join(self.review.reasons)}"

    def as_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


def pages_to_review(out: str, count: int) -> list[PageToReview]:
    """Return at most so many pages of the batch that writes to `out`.

    Raises:
        OutputError: its journal cannot be read.
    """
    with closing(Journal.open(state_folder(out))) as journal, journal.translate_errors():
        pages = (
            PageToReview(address, result.page, review(result))
            for address, result in journal.all_results()
        )
        advised = (page for page in pages if page.review.is_advised)
        return nlargest(count, advised, key=lambda page: page.review.score)
