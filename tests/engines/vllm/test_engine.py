"""`batch --engine vllm`: a server is started as in the container, used, and stopped."""

import json
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.engines.vllm.command import VllmOptions, vllm_command
from lighton_ocr.engines.vllm.engine import VllmEngine, find_own_gpu
from lighton_ocr.errors import EngineFailed, UsageError
from tests.support.corpus import make_corpus, manifest, results
from tests.support.modal_standin.client import install_vllm
from tests.support.serve_command import serving_command

pytestmark = pytest.mark.slow

NVIDIA_SMI = {  # what it prints for each GPU
    "T4": "7.5, 15360",
    "L4": "8.9, 23034",
    "L40S": "8.9, 46068",
    "A100-40GB": "8.0, 40960",
    "A100-80GB": "8.0, 81920",
    "RTX-PRO-6000": "12.0, 97887",
    "H200": "9.0, 143771",
    "B200": "10.0, 183359",
}


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an L4 and with vLLM."""
    folder = install_vllm(tmp_path)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("VLLM_RECORD", str(tmp_path / "vllm.jsonl"))
    write_nvidia_smi(folder, NVIDIA_SMI["L4"])
    return folder


def write_nvidia_smi(programs: Path, line: str) -> None:
    program = programs / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho {line}\n")
    program.chmod(0o755)


def set_version(programs: Path, vllm: str) -> None:
    (installed,) = programs.parent.glob("lib/python*/site-packages/vllm-*.dist-info")
    installed.rename(installed.with_name(f"vllm-{vllm}.dist-info"))


@pytest.mark.usefixtures("dead_proxy")
def test_a_batch_starts_and_stops_its_own_server(programs: Path, tmp_path: Path) -> None:
    inputs = make_corpus(tmp_path / "in", 3, 2)
    command = [sys.executable, "-m", "lighton_ocr", "batch", inputs, "--out", tmp_path / "out"]
    done = subprocess.run(
        [*map(str, command), "--engine", "vllm", "--model", "2-1b", "--json"],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["pages_read"] == 4  # without any of vLLM's output
    assert "Starting vLLM with lightonai/LightOnOCR-2-1B" in done.stderr
    assert len(results(tmp_path / "out")) == 3
    assert all("2-1B" in line["read_by"] for line in manifest(tmp_path / "out").values())
    first, *_, last = map(json.loads, (tmp_path / "vllm.jsonl").read_text().splitlines())
    wanted = vllm_command(VllmOptions(find_model("2-1b"), find_gpu("L4")))
    port = wanted.index("--port") + 1
    assert ["vllm", *first["argv"]][: port - 1] == wanted[: port - 1]
    assert ["vllm", *first["argv"]][port + 1 :] == wanted[port + 1 :]
    assert last == {"stopped": True}


@pytest.mark.usefixtures("programs")
def test_serve_starts_and_stops_its_own_server(tmp_path: Path, letter: Path) -> None:
    with serving_command("--engine", "vllm", "--model", "2-1b") as (process, url):
        form = {"file": ("letter.pdf", letter.read_bytes())}
        answer = httpx2.post(f"{url}/v1/ocr", files=form, timeout=60)
        assert answer.json()["model"] == "lightonai/LightOnOCR-2-1B"
        assert answer.json()["pages"][0]["error"] is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert json.loads((tmp_path / "vllm.jsonl").read_text().splitlines()[-1]) == {"stopped": True}


@pytest.mark.parametrize("name", NVIDIA_SMI)
def test_the_gpu_is_recognised_by_its_driver(programs: Path, name: str) -> None:
    write_nvidia_smi(programs, NVIDIA_SMI[name])
    assert find_own_gpu().name == name


def test_a_missing_gpu_or_vllm_is_an_error(programs: Path) -> None:
    engine = VllmEngine(find_model("1b"))
    (programs / "nvidia-smi").unlink()
    with pytest.raises(EngineFailed, match="nvidia-smi finds none here"):
        engine.start()
    (programs / "vllm").unlink()
    with pytest.raises(EngineFailed, match="vLLM is not installed here"):
        engine.start()


def test_a_vllm_that_is_too_old_for_the_model_is_refused(programs: Path) -> None:
    set_version(programs, "0.10.2")
    with pytest.raises(EngineFailed, match=r"vLLM 0\.10\.2 is too old .* which needs 0\.11\.1"):
        VllmEngine(find_model("1b")).start()


@pytest.mark.parametrize(
    ("version", "has_scheduler"),
    [("0.31.1+cu130", False), ("0.32.4", True), ("0.33.0", True), ("0.34.0.dev7", False)],
)
def test_an_untested_vllm_starts_without_our_scheduler_and_says_so(
    programs: Path, tmp_path: Path, version: str, has_scheduler: bool
) -> None:
    set_version(programs, version)
    notices: list[str] = []
    with VllmEngine(find_model("1b"), notices.append):
        pass
    argv = json.loads((tmp_path / "vllm.jsonl").read_text().splitlines()[0])["argv"]
    assert ("--scheduler-cls" in argv) == ("--speculative-config" in argv) == has_scheduler
    said = [notice for notice in notices if "not one that lighton-ocr's scheduler" in notice]
    assert len(said) == (not has_scheduler)
    assert all(version in notice and "pip install vllm==" in notice for notice in said)


def test_vllm_is_found_next_to_this_python_without_a_change_of_the_path(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (programs / "vllm").rename(tmp_path / "vllm")
    own = install_vllm(tmp_path / "own")
    path = os.environ["PATH"]
    monkeypatch.setattr(sys, "executable", str(own / "python"))
    with VllmEngine(find_model("1b")) as endpoint:
        assert endpoint.is_vllm
    assert os.environ["PATH"] == path


def test_the_server_ends_if_its_parent_is_killed(programs: Path) -> None:
    program = """
from lighton_ocr.catalog import find_model
from lighton_ocr.engines.vllm.engine import VllmEngine
engine = VllmEngine(find_model("1b"))
engine.start()
print(engine._server._process.pid, flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        server = os.pidfd_open(int(process.stdout.readline()))
        process.kill()
    with selectors.DefaultSelector() as ended:
        ended.register(server, selectors.EVENT_READ)
        assert ended.select(60)
    os.close(server)


def test_if_vllm_ends_the_error_has_its_last_lines(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VLLM_DIES", "1")
    with pytest.raises(EngineFailed, match="CUDA out of memory"), VllmEngine(find_model("1b")):
        pass
    assert capfd.readouterr().out == ""


def test_a_worker_does_not_outlive_an_api_server_that_crashed(programs: Path) -> None:
    (programs / "vllm").write_text("#!/bin/sh\nsleep 1000 &\necho worker $!\nexit 3\n")
    with pytest.raises(EngineFailed, match="exit code 3 before it was ready") as failed:
        VllmEngine(find_model("1b")).start()
    worker = Path("/proc", str(failed.value).rpartition("worker ")[2].strip(), "cmdline")
    assert not worker.exists() or worker.read_bytes() == b""  # a zombie


def test_the_pocket_model_is_refused(programs: Path) -> None:
    with pytest.raises(UsageError, match="leave --engine out"):
        VllmEngine(find_model("pocket")).start()
