from pathlib import Path

import pytest

from lighton_ocr.check import Outcome
from tests.support.checked_server import VllmLike, check, outcome
from tests.support.scripted_endpoint import ScriptedEndpoint

FAILED = Outcome.FAILED


def test_noise_instead_of_text_fails(deployment: ScriptedEndpoint, letter: Path) -> None:
    deployment.default = VllmLike("!!! !!! !!!")
    assert outcome(check(deployment, letter), "text") == (FAILED, "0% of the PDF's own words")


def test_an_empty_answer_fails(deployment: ScriptedEndpoint, letter: Path) -> None:
    deployment.default = VllmLike("")
    assert outcome(check(deployment, letter), "streaming") == (FAILED, "the answer is empty")


def test_a_text_that_changes_with_streaming_fails(
    deployment: ScriptedEndpoint, letter: Path, letter_text: str
) -> None:
    deployment.default = VllmLike(letter_text, whole=letter_text.upper())
    assert outcome(check(deployment, letter), "same text")[0] is FAILED


def test_several_images_per_request_fail(
    deployment: ScriptedEndpoint, letter: Path, letter_text: str
) -> None:
    deployment.default = VllmLike(letter_text, images=9)
    result = outcome(check(deployment, letter), "one image")
    assert result == (FAILED, "a request with two images is answered with 200")


@pytest.mark.parametrize(
    ("edge", "found"), [(1024, "tokens instead of 2145"), (4000, "but twice the size")]
)
def test_images_of_another_size_fail(
    deployment: ScriptedEndpoint, letter: Path, letter_text: str, edge: int, found: str
) -> None:
    deployment.default = VllmLike(letter_text, edge=edge)
    result, said = outcome(check(deployment, letter), "image sizes")
    assert result is FAILED
    assert found in said
