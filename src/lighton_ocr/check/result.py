"""What checks return: one `CheckResult` each, collected in a `CheckReport`."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of a check.

    `WARNING`: the deployment works, but something should be changed. `NOT_APPLICABLE`: the check
    cannot be made with this server, which does not mean that it passed.
    """

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Finding:
    """An outcome and what was found, a sentence without a full stop."""

    outcome: Outcome
    found: str


@dataclass(frozen=True)
class CheckResult:
    """The name of a check, its outcome, and what was found."""

    check: str
    outcome: Outcome
    found: str


@dataclass(frozen=True)
class CheckReport:
    """The results of all checks of one endpoint.

    `seconds_to_first_token` and `tokens_per_second` are those of one streamed page, with no other
    requests of ours in flight; None if no page was streamed. `text` is the page's text.
    """

    endpoint: str
    model: str
    results: tuple[CheckResult, ...]
    seconds_to_first_token: float | None
    tokens_per_second: float | None
    text: str

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(result.outcome is not Outcome.FAILED for result in self.results)


def passed(found: str) -> Finding:
    """All is as it should be."""
    return Finding(Outcome.PASSED, found)


def warning(found: str) -> Finding:
    """It works, but something should be changed."""
    return Finding(Outcome.WARNING, found)


def failed(found: str) -> Finding:
    """It does not work."""
    return Finding(Outcome.FAILED, found)


def not_applicable(found: str) -> Finding:
    """The check cannot be made with this server."""
    return Finding(Outcome.NOT_APPLICABLE, found)
