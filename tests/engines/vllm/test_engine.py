"""`batch --engine vllm`: a server is started as in the container, read with, and stopped."""

import json
import os
import selectors
import subprocess
import sys
from pathlib import Path

import pytest

from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.engines.vllm.command import VllmOptions, vllm_command
from lighton_ocr.engines.vllm.engine import VllmEngine, find_own_gpu
from lighton_ocr.errors import EngineFailed, UsageError
from tests.support.corpus import make_corpus, manifest, results
from tests.support.modal_standin.client import install_vllm

pytestmark = pytest.mark.slow

SEEN = {  # what nvidia-smi says of them
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
    """A machine with an L4 and vLLM."""
    folder = install_vllm(tmp_path)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("VLLM_RECORD", str(tmp_path / "vllm.jsonl"))
    answer(folder, SEEN["L4"])
    return folder


def answer(programs: Path, line: str) -> None:
    program = programs / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho {line}\n")
    program.chmod(0o755)


@pytest.mark.usefixtures("dead_proxy")
def test_a_batch_with_a_server_of_its_own(programs: Path, tmp_path: Path) -> None:
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
    assert json.loads(done.stdout)["pages_read"] == 4  # nothing of vLLM's is among it
    assert "Starting vLLM with lightonai/LightOnOCR-2-1B" in done.stderr
    assert len(results(tmp_path / "out")) == 3
    assert all("2-1B" in line["read_by"] for line in manifest(tmp_path / "out").values())
    first, *_, last = map(json.loads, (tmp_path / "vllm.jsonl").read_text().splitlines())
    wanted = vllm_command(VllmOptions(find_model("2-1b"), find_gpu("L4")))
    port = wanted.index("--port") + 1
    assert ["vllm", *first["argv"]][: port - 1] == wanted[: port - 1]
    assert ["vllm", *first["argv"]][port + 1 :] == wanted[port + 1 :]
    assert last == {"stopped": True}


@pytest.mark.parametrize("name", SEEN)
def test_the_gpu_is_known_by_what_its_driver_says(programs: Path, name: str) -> None:
    answer(programs, SEEN[name])
    assert find_own_gpu().name == name


def test_without_a_gpu_or_vllm_there_is_a_sentence(programs: Path) -> None:
    engine = VllmEngine(find_model("1b"))
    (programs / "nvidia-smi").unlink()
    with pytest.raises(EngineFailed, match="no NVIDIA GPU here"):
        engine.start()
    (programs / "vllm").unlink()
    with pytest.raises(EngineFailed, match="vLLM is not installed here"):
        engine.start()


def test_an_old_vllm_is_refused_before_it_starts(programs: Path) -> None:
    site = programs.parent / "lib" / "python3.12" / "site-packages"
    (site / "vllm-0.31.1+cu130.dist-info").mkdir(parents=True)
    with pytest.raises(EngineFailed, match=r"vLLM 0\.31\.1\+cu130 is too old"):
        VllmEngine(find_model("1b")).start()


def test_the_server_ends_with_a_batch_that_is_killed(programs: Path) -> None:
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


def test_vllm_dying_is_said_with_its_last_lines(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VLLM_DIES", "1")
    with pytest.raises(EngineFailed, match="CUDA out of memory"), VllmEngine(find_model("1b")):
        pass
    assert capfd.readouterr().out == ""


def test_a_worker_does_not_outlive_a_front_end_that_died(programs: Path) -> None:
    (programs / "vllm").write_text("#!/bin/sh\nsleep 1000 &\necho worker $!\nexit 3\n")
    with pytest.raises(EngineFailed, match="exit code 3 before it was up") as failed:
        VllmEngine(find_model("1b")).start()
    worker = Path("/proc", str(failed.value).rpartition("worker ")[2].strip(), "cmdline")
    assert not worker.exists() or worker.read_bytes() == b""  # nobody has taken note of its end


def test_the_pocket_model_is_for_the_embedded_engine(programs: Path) -> None:
    with pytest.raises(UsageError, match="leave --engine out"):
        VllmEngine(find_model("pocket")).start()
