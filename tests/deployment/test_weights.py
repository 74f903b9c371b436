"""Weights are fetched once, by a function without a GPU."""

from pathlib import Path

import pytest

from lighton_ocr.catalog import find_model
from lighton_ocr.deployment.weights import fetch, marker, require
from lighton_ocr.errors import EngineFailed
from tests.support.modal_standin.client import Modal, run_function
from tests.support.model_hub import ModelHub

MODEL = find_model("1b")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "hub"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / name).write_text(name)
    return {path.name: path for path in folder.iterdir()}


def test_the_function_that_fetches_has_no_gpu_and_the_secret(modal: Modal) -> None:
    done = modal.make("weights", "MODEL=2-1b", "HF_SECRET=hub", "MIN_CONTAINERS=1")
    assert done.returncode == 0, done.stdout + done.stderr
    sent = modal.last_fetch()
    assert sent.gpus == [""]
    assert sent.image_env["HF_HUB_OFFLINE"] == "0"
    assert sent.volumes == {"/root/.cache/huggingface": "lighton-ocr-weights"}
    assert len(sent.function.secret_ids) == 1
    asked = [request for name, request in modal.plane.calls if name == "SecretGetOrCreate"]
    assert [request.deployment_name for request in asked] == ["hub"]
    # Nothing with a GPU is created beside it: with MIN_CONTAINERS it would start.
    assert {function.function_name for function in modal.plane.functions.values()} == {"fetch"}


def test_weights_are_fetched_once(modal: Modal, files: dict[str, Path], tmp_path: Path) -> None:
    assert modal.make("weights").returncode == 0
    root = tmp_path / "root"
    with ModelHub(MODEL.id, files) as hub:
        done = run_function(modal.last_fetch(), root, "fetch", HF_ENDPOINT=hub.url)
        assert done.returncode == 0, done.stderr
        assert "Fetched lightonai/LightOnOCR-1B-1025." in done.stdout
        assert set(hub.downloads) == set(files)
    home = root / ".cache" / "huggingface"
    found = {path.name for path in home.glob("hub/models--*/snapshots/*/*")}
    assert found == set(files)
    assert [path.name for path in (home / "complete").iterdir()] == [
        "lightonai--LightOnOCR-1B-1025@main"
    ]


def test_the_hub_is_not_asked_for_weights_that_are_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(EngineFailed, match="make weights"):
        require(MODEL)
    marker(MODEL).parent.mkdir()
    marker(MODEL).touch()
    assert not fetch(MODEL)
    require(MODEL)


def test_an_adapter_is_refused_before_a_gpu_starts(
    monkeypatch: pytest.MonkeyPatch, files: dict[str, Path], tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    files["config.json"].rename(tmp_path / "adapter_config.json")
    folder = str(files["config.json"].parent)
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: folder)
    with pytest.raises(EngineFailed, match=r"no config\.json, so it is not a whole checkpoint"):
        fetch(MODEL)
    assert not marker(MODEL).exists()


def test_weights_that_cannot_be_fetched(
    modal: Modal, files: dict[str, Path], tmp_path: Path
) -> None:
    assert modal.make("weights").returncode == 0
    with ModelHub("someone/else", files) as hub:
        done = run_function(modal.last_fetch(), tmp_path / "root", "fetch", HF_ENDPOINT=hub.url)
    assert done.returncode == 1
    assert "set HF_SECRET" in done.stderr
    assert not (tmp_path / "root" / ".cache" / "huggingface" / "complete").exists()
