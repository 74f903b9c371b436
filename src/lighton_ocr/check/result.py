"""What checks say: one `CheckResult` each, gathered into a `CheckReport`."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """`NOT_APPLICABLE`: this server cannot answer the question; that is no success."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Finding:
    """An outcome, and what was found, as a sentence without a full stop."""

    outcome: Outcome
    found: str


@dataclass(frozen=True)
class CheckResult:
    """What one check, by name, found."""

    check: str
    outcome: Outcome
    found: str


@dataclass(frozen=True)
class CheckReport:
    """All checks of one endpoint.

    `seconds_to_first_token` and `tokens_per_second` are of one page, streamed, with nothing else
    in flight as far as we know; None where no page was read. `text` is that page's.
    """

    endpoint: str
    model: str
    results: tuple[CheckResult, ...]
    seconds_to_first_token: float | None
    tokens_per_second: float | None
    text: str

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(result.outcome is not Outcome.FAILED for result in self.results)


def passed(found: str) -> Finding:
    """It is as it should be."""
    return Finding(Outcome.PASSED, found)


def failed(found: str) -> Finding:
    """It is not."""
    return Finding(Outcome.FAILED, found)


def not_applicable(found: str) -> Finding:
    """This server cannot answer."""
    return Finding(Outcome.NOT_APPLICABLE, found)
