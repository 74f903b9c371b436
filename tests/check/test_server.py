from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from lighton_ocr.check import Outcome, run_checks
from lighton_ocr.documents import load_source, open_document
from lighton_ocr.engines.remote import connect
from lighton_ocr.engines.vllm.version import lighton_ocr_version
from tests.support.checked_server import KEY, check, health, outcome
from tests.support.scripted_endpoint import Answer, ScriptedEndpoint, status


@pytest.mark.parametrize(
    ("path", "answer", "name", "found"),
    [
        ("/health", status(503), "health", "answers 503"),
        ("/version", lambda _: JSONResponse({"version": "0.9.2"}), "vLLM version", "too old"),
        ("/server_info", lambda _: JSONResponse({}), "closed routes", "/server_info"),
    ],
)
def test_a_wrong_answer_of_a_route_fails_its_check(
    deployment: ScriptedEndpoint, letter: Path, path: str, answer: Answer, name: str, found: str
) -> None:
    deployment.pages[path] = answer
    report = check(deployment, letter)
    assert [row.check for row in report.results if row.outcome is Outcome.FAILED] == [name]
    assert found in outcome(report, name)[1]


@pytest.mark.parametrize(
    ("card", "found"),
    [
        ({"root": "Qwen/Qwen3-VL-2B"}, "serves Qwen/Qwen3-VL-2B as lightonai/LightOnOCR-1B-1025"),
        ({"max_model_len": 4096}, "a context of 4096 tokens, not 16384"),
    ],
)
def test_another_model_fails(
    deployment: ScriptedEndpoint, letter: Path, card: dict[str, Any], found: str
) -> None:
    deployment.card |= card
    result, said = outcome(check(deployment, letter), "model")
    assert result is Outcome.FAILED
    assert found in said


def test_a_deployment_by_another_version_is_a_warning(
    deployment: ScriptedEndpoint, letter: Path
) -> None:
    deployment.pages["/health"] = lambda _: health("0.0.1")
    report = check(deployment, letter)
    result, said = outcome(report, "lighton-ocr version")
    assert result is Outcome.WARNING
    assert said == f"0.0.1 started the server, {lighton_ocr_version()} is here: deploy again"
    assert report.passed


def test_a_server_that_is_open_to_everyone_fails(
    deployment: ScriptedEndpoint, letter: Path
) -> None:
    endpoint = connect(deployment.url, KEY)
    deployment.key = None
    with open_document(load_source(str(letter))) as document:
        report = run_checks(endpoint, document)
    assert outcome(report, "authentication") == (
        Outcome.FAILED,
        "a request without a key is accepted",
    )
    deployment.key = None
    assert outcome(check(deployment, letter), "authentication")[0] is Outcome.NOT_APPLICABLE


def test_the_gpu_is_the_servers_own(deployment: ScriptedEndpoint, letter: Path) -> None:
    assert outcome(check(deployment, letter), "GPU") == (Outcome.PASSED, "NVIDIA H200")
