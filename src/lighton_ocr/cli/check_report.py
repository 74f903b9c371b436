"""How the results of `lighton-ocr check` are printed on standard output."""

import json
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from lighton_ocr.check import CheckReport, CheckResult, Outcome

_STYLES = {
    Outcome.PASSED: "green",
    Outcome.WARNING: "yellow",
    Outcome.FAILED: "bold red",
    Outcome.NOT_APPLICABLE: "dim",
}
_stdout = Console(highlight=False, soft_wrap=True)


def print_result(result: CheckResult) -> None:
    """Print one line: check, outcome, and what was found."""
    outcome = Text(f"{result.outcome:16}", _STYLES[result.outcome])
    _stdout.print(Text(f"{result.check:21}") + outcome + Text(result.found))


def print_summary(report: CheckReport) -> None:
    """Print the page as it was read, and the summary."""
    if report.text:
        _stdout.print("\nThe page as it was read:\n", style="dim")
        _stdout.print(report.text.strip(), markup=False)
    counts = dict.fromkeys(Outcome, 0)
    for result in report.results:
        counts[result.outcome] += 1
    tally = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
    verdict = "works" if report.passed else "does not work"
    _stdout.print(f"\n{report.endpoint} ({report.model}) {verdict}: {tally}.", markup=False)


def as_json(report: CheckReport) -> str:
    """Return the whole report as JSON; `passed` says whether no check failed."""
    return json.dumps({"passed": report.passed, **asdict(report)}, indent=2, ensure_ascii=False)
