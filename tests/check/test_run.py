from pathlib import Path

import pytest

from lighton_ocr.check import Outcome
from tests.support.checked_server import check
from tests.support.scripted_endpoint import Answer, ScriptedEndpoint, garbage, status


def test_a_deployment_that_works_passes_every_check(
    deployment: ScriptedEndpoint, letter: Path
) -> None:
    report = check(deployment, letter)
    assert {row.outcome for row in report.results} == {Outcome.PASSED}
    assert report.passed
    assert report.text.startswith("Harbour Museum")
    assert report.seconds_to_first_token
    assert report.tokens_per_second


def test_without_streaming_the_page_is_read_whole(
    deployment: ScriptedEndpoint, letter: Path
) -> None:
    report = check(deployment, letter, stream=False)
    assert report.passed
    assert not any(body.get("stream") for body in deployment.bodies)
    assert report.text.startswith("Harbour Museum")


@pytest.mark.parametrize("answer", [status(500, "out of memory"), garbage])
def test_a_server_that_fails_on_pages_gets_every_check(
    deployment: ScriptedEndpoint, letter: Path, answer: Answer
) -> None:
    deployment.default = answer
    report = check(deployment, letter)
    failures = [row.check for row in report.results if row.outcome is Outcome.FAILED]
    assert failures == ["streaming", "not streaming", "one image", "image sizes"]
    assert report.text == ""
