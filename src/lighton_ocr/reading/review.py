"""Which pages deserve a look by a person: a score without knowing the truth, and the reasons."""

from dataclasses import dataclass

from lighton_ocr.reading.own_text.check import OwnTextCheck
from lighton_ocr.reading.results import PageResult
from lighton_ocr.reading.retries import REASONS

_ASKED_AGAIN = 0.1  # a page that needed another attempt; as much as 0.1 of confidence
_DOUBTED = 0.5
_LEAST_WORDS = 10  # of the file's own text, that an empty page misses
_WORTH_A_LOOK = 0.1


@dataclass(frozen=True)
class Review:
    """How much a page deserves a look, from 0 to about 2, and why."""

    score: float
    reasons: tuple[str, ...]

    @property
    def is_advised(self) -> bool:
        """Whether somebody should look at the page."""
        return self.score >= _WORTH_A_LOOK


def review(result: PageResult) -> Review:
    """Judge a page by its confidence, its attempts, and the file's own text.

    docs/QUALITY.md says how well that finds badly read pages.
    """
    if result.failed:
        return Review(2.0, ("it could not be read",))
    score, reasons = 0.0, []
    if result.doubt:
        score += _DOUBTED
        reasons.append(REASONS[result.doubt])
    elif len(result.attempts) > 1:
        score += _ASKED_AGAIN
        reasons.append("it was read more than once")
    if result.confidence is not None:
        score += 1 - result.confidence
        reasons.append(f"confidence {result.confidence:.2f}")
    if result.own_text and (share := _differing(result.own_text)):
        score += share
        reasons.append(f"{share:.0%} of the file's own words differ")
    if not result.text.strip() and result.own_text and result.own_text.words > _LEAST_WORDS:
        score += _DOUBTED
        reasons.append("it is empty, but the file has text")
    if result.warnings and score < _WORTH_A_LOOK:
        score = _WORTH_A_LOOK
        reasons.append("it has a warning")
    return Review(score, tuple(reasons))


def _differing(check: OwnTextCheck) -> float:
    """Return the share of the file's own words that the text has differently, or lacks."""
    if check.trust != "high" or not check.words:
        return 0.0
    return min(1.0, (check.differ + check.invented + check.missing) / check.words)
