"""Read the same pages with several candidates, and find where their texts differ."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from lighton_ocr.compare.agreement import Agreement, agreement
from lighton_ocr.documents import Document
from lighton_ocr.reading.results import PageResult
from lighton_ocr.reading.review import Review, review


@dataclass(frozen=True)
class CandidateRun:
    """What a candidate read: a result for each page, in their order.

    `seconds` is how long all pages took, `usd` what its GPU cost in that time, None if unknown.
    """

    name: str
    results: tuple[PageResult, ...]
    seconds: float
    usd: float | None

    @property
    def seconds_per_page(self) -> float:
        """The mean of the pages whose results say how long they took, 0 if none does."""
        known = [result.seconds for result in self.results if result.seconds]
        return statistics.fmean(known) if known else 0.0

    @property
    def failed(self) -> int:
        """How many pages it could not read."""
        return sum(result.failed for result in self.results)


@dataclass(frozen=True)
class ComparedPage:
    """A page, the truth if there is one, and each candidate's result.

    `disagreement` is 1 minus the mean agreement in characters, with the truth if there is one, else
    between each two candidates.
    """

    document: Document
    index: int
    truth: str | None
    results: tuple[PageResult, ...]
    disagreement: float
    reviews: tuple[Review, ...]

    @property
    def badness(self) -> float:
        """How early somebody should look at it: disagreement, then the readers' own doubts."""
        return self.disagreement + max(one.score for one in self.reviews)

    @property
    def deserves_a_look(self) -> bool:
        """Whether readers disagree, or one of them advises it."""
        return self.disagreement > 0 or any(one.is_advised for one in self.reviews)


@dataclass(frozen=True)
class CandidateComparison:
    """All candidates over the same pages; `pages` begin with those to look at first."""

    runs: tuple[CandidateRun, ...]
    pages: tuple[ComparedPage, ...]

    def between(self, first: int, second: int) -> Agreement:
        """Return the mean agreement of two candidates, by their numbers from 0."""
        return _mean([agreement(p.results[first].text, p.results[second].text) for p in self.pages])

    def with_truth(self, number: int) -> Agreement | None:
        """Return the mean agreement of a candidate with the truth, None if no page has one."""
        found = [
            agreement(page.results[number].text, page.truth)
            for page in self.pages
            if page.truth is not None
        ]
        return _mean(found) if found else None


def compare(
    pages: Sequence[tuple[Document, int]],
    truths: Sequence[str | None],
    runs: Sequence[CandidateRun],
) -> CandidateComparison:
    """Put the results of all candidates together; each has one for every page."""
    compared = [
        _page(document, index, truth, tuple(run.results[number] for run in runs))
        for number, ((document, index), truth) in enumerate(zip(pages, truths, strict=True))
    ]
    compared.sort(key=lambda page: -page.badness)
    return CandidateComparison(tuple(runs), tuple(compared))


def _page(
    document: Document, index: int, truth: str | None, results: tuple[PageResult, ...]
) -> ComparedPage:
    if truth is None:
        pairs = [agreement(one.text, two.text) for one, two in combinations(results, 2)]
    else:
        pairs = [agreement(result.text, truth) for result in results]
    disagreement = 1 - _mean(pairs).characters if pairs else 0.0
    reviews = tuple(review(result) for result in results)
    return ComparedPage(document, index, truth, results, disagreement, reviews)


def _mean(found: Sequence[Agreement]) -> Agreement:
    return Agreement(
        statistics.fmean(one.characters for one in found),
        statistics.fmean(one.words for one in found),
    )
