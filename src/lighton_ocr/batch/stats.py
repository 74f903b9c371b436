"""What a run has done so far, in figures."""

import json
import time
from dataclasses import asdict, dataclass, field

from lighton_ocr.batch.own_text_totals import OwnTextTotals
from lighton_ocr.reading.results import PageResult

_MOST_WARNED = 100  # pages that are remembered by name


@dataclass
class BatchStats:
    """What a run has done so far; a page or document is counted once it is saved.

    `documents` is how many the inputs hold, None until they are counted. `pages_known` are the
    pages of the documents that were opened, `pages_before` those of them that an earlier run had
    read, and `pages_copied` those of documents with the same bytes as another one that this run
    reads. `price_per_second` is in US dollars, None if the endpoint's GPU is not known.
    `documents_unreadable` are those of the failed ones that another run cannot read either;
    `pages_warned` are pages that were read, with warnings. `engine_seconds` is how long the engines
    of a worker pool were busy, added up; None without one.
    """

    price_per_second: float | None = None
    documents: int | None = None
    documents_opened: int = 0
    documents_done: int = 0
    documents_kept: int = 0
    documents_failed: int = 0
    documents_unreadable: int = 0
    pages_known: int = 0
    pages_before: int = 0
    pages_copied: int = 0
    pages_read: int = 0
    pages_failed: int = 0
    pages_warned: int = 0
    tokens: int = 0
    requests: int = 0
    own_text: OwnTextTotals = field(default_factory=OwnTextTotals)
    engine_seconds: float | None = None
    _warned: list[tuple[str, int]] = field(default_factory=list)
    _start: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long the run has taken."""
        return time.monotonic() - self._start

    @property
    def documents_ended(self) -> int:
        """How many documents are done, kept or failed."""
        return self.documents_done + self.documents_kept + self.documents_failed

    @property
    def pages_ended(self) -> int:
        """How many pages are read, copied or failed, by this run or before."""
        return self.pages_before + self.pages_copied + self.pages_read + self.pages_failed

    @property
    def failures(self) -> int:
        """How many pages and documents failed in this run."""
        return self.pages_failed + self.documents_failed

    @property
    def pages_per_second(self) -> float:
        """Pages read by this run, per second."""
        return self.pages_read / max(self.seconds, 1e-9)

    @property
    def tokens_per_second(self) -> float:
        """Tokens that the model wrote in this run, per second."""
        return self.tokens / max(self.seconds, 1e-9)

    @property
    def cost(self) -> float | None:
        """US dollars for the GPU's time so far, None if its price is not known."""
        if self.price_per_second is None:
            return None
        busy = self.seconds if self.engine_seconds is None else self.engine_seconds
        return self.price_per_second * busy

    @property
    def pages_expected(self) -> int | None:
        """An estimate of all pages, from the mean of the documents opened so far."""
        if self.documents is None or not self.pages_known:
            return None
        pages_per_document = self.pages_known / max(1, self.documents_opened)
        return max(self.pages_known, round(pages_per_document * self.documents))

    @property
    def warned(self) -> list[tuple[str, int]]:
        """The first pages that were read with warnings: the document's stem, and the number."""
        return self._warned

    def count(self, result: PageResult, stem: str) -> None:
        """Count a page that is in the journal; its document's results begin with `stem`."""
        self.requests += len(result.attempts)
        self.tokens += result.completion_tokens
        self.own_text = self.own_text.plus(result.own_text)
        if result.failed:
            self.pages_failed += 1
        else:
            self.pages_read += 1
            if result.warnings:
                self.pages_warned += 1
                if len(self._warned) < _MOST_WARNED:
                    self._warned.append((stem, result.page))

    def as_json(self) -> str:
        """Return all of it as a JSON object."""
        fields = {name: value for name, value in asdict(self).items() if not name.startswith("_")}
        derived = {
            "seconds": round(self.seconds, 3),
            "pages_per_second": round(self.pages_per_second, 3),
            "tokens_per_second": round(self.tokens_per_second, 1),
            "cost": None if self.cost is None else round(self.cost, 9),
        }
        return json.dumps(fields | derived)
