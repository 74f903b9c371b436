"""`make smoke` against the stand-in: a real client, a scripted server, the deployed batch class."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.modal_standin.batch_container import BatchContainer
from tests.support.modal_standin.client import Finished, Modal
from tests.support.scripted_endpoint import ScriptedEndpoint

ENVIRONMENT = "lighton-ocr-smoke"
KEY = "wk-1.ws-2"


@pytest.fixture
def address(modal: Modal) -> Iterator[ScriptedEndpoint]:
    """What answers at the addresses of all deployments."""
    with ScriptedEndpoint(key=KEY) as server:
        modal.plane.web_url = server.url
        yield server
        modal.plane.web_url = None


def smoke(modal: Modal, report: Path, *arguments: str) -> tuple[Finished, dict[str, Any]]:
    settings = {"OUT": str(report), "LIGHTON_OCR_API_KEY": KEY}
    modal.timeout = 300
    done = modal.make("smoke", *arguments, **settings)
    return done, json.loads(report.read_text()) if report.exists() else {}


def test_everything_is_tried_measured_and_removed(
    modal: Modal, address: ScriptedEndpoint, tmp_path: Path
) -> None:
    container = BatchContainer(modal, tmp_path)
    done, report = smoke(modal, tmp_path / "report.json", "YES=1", "GPU=A10")
    container.stop()
    assert "It cannot cost more than $3.30: " in done.stderr
    assert list(report["steps"]) == [
        "deploy, with the download of the weights",
        "first page, nothing cached",
        "check",
        "ten pages",
        "batch",
        "first page, caches filled",
        "deploy with SNAPSHOT=1",
        "first page, which takes the snapshot",
        "first page, from the snapshot",
    ]
    assert all(step["seconds"] > 0 for step in report["steps"].values())
    assert report["steps"]["ten pages"]["pages"] == 10
    assert report["steps"]["batch"]["statistics"]["pages_read"] == 4
    assert report["cost_usd"] == "8.30"
    # A scripted server is no vLLM, and the check says so.
    assert not report["steps"]["check"]["passed"]
    assert report["failure"] == "the check found a fault"
    assert done.returncode == 2  # make's own, for any failure
    stopped = [request.task_id for name, request in modal.plane.calls if name == "ContainerStop"]
    assert stopped == ["ta-1", "ta-1"]
    environments = [
        request.environment_name
        for _, request in modal.plane.calls
        if hasattr(request, "environment_name") and hasattr(request, "app_name")
    ]
    assert set(environments) == {ENVIRONMENT}
    assert modal.plane.environments == ["main"]
    assert KEY not in json.dumps(report)


def test_a_failure_removes_everything_too(modal: Modal, tmp_path: Path) -> None:
    done, report = smoke(modal, tmp_path / "report.json", "YES=1", "MAKE=false")
    assert report["failure"].startswith("`false deploy` failed with 1:")
    assert report["steps"] == {}
    assert modal.plane.environments == ["main"]
    assert done.returncode == 2


def test_nothing_happens_without_consent(modal: Modal, tmp_path: Path) -> None:
    before = len(modal.plane.calls)
    done, report = smoke(modal, tmp_path / "report.json")
    assert done.returncode == 2
    assert done.stderr.rstrip().endswith("Error 2")
    assert report == {}
    asked = {name for name, _ in modal.plane.calls[before:]}
    assert "EnvironmentCreate" not in asked
