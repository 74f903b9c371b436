import json
import subprocess
import sys
from pathlib import Path

import pytest

from lighton_ocr._extras import install_command
from lighton_ocr.bench.quality.data_set import REPOSITORY, open_data_set
from tests.support.command_line import run
from tests.support.model_hub import ModelHub
from tests.support.quality_gate import linked
from tests.support.scripted_endpoint import ScriptedEndpoint, says, status

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return linked(folder).folder


def test_an_endpoint_is_scored_and_a_second_run_reads_nothing(
    scripted: ScriptedEndpoint, data: Path
) -> None:
    scripted.default = says("The same text for every page.")
    command = ("bench", "quality", "--url", scripted.url, "--data", data, "--sample", "11")
    done = run(*command, "--gpu", "L4")
    assert done.returncode == 0, done.stderr.decode()
    lines = done.stdout.decode().splitlines()
    assert lines[0].split() == ["category", "tests", "score", "interval"]
    assert max(map(len, lines)) <= 80
    scores = {line.split()[0]: line.split() for line in lines if line}
    assert scores["letters"][1:3] == ["4", "25.0"]
    report = json.loads((data / "1b" / "quality.json").read_text())
    assert report["model"] == "lightonai/LightOnOCR-1B-1025"
    assert (report["pages"], report["repeats"], report["failed_pages"]) == (11, 1, 0)
    assert report["usd"] > 0
    assert "letters" in (data / "1b" / "quality.html").read_text()
    asked = len(scripted.bodies)
    assert run(*command).returncode == 0
    assert len(scripted.bodies) == asked


def test_as_published_reads_three_times_without_retries(
    scripted: ScriptedEndpoint, data: Path
) -> None:
    scripted.default = says("word " * 400)  # a loop, which `read` would retry
    done = run(
        *("bench", "quality", "--url", scripted.url, "--data", data, "--sample", "2"),
        "--as-published",
    )
    assert done.returncode == 0, done.stderr.decode()
    pages = (data / "1b" / "readings.jsonl").read_text().splitlines()
    assert len(scripted.bodies) == len(pages)
    assert {json.loads(row)["repeat"] for row in pages} == {1, 2, 3}
    assert "but published is" in done.stderr.decode()


def test_the_benchmark_is_downloaded_from_the_hub(
    scripted: ScriptedEndpoint, data: Path, tmp_path: Path
) -> None:
    names = ("letters.jsonl", *(f"pdfs/{one.pdf}" for one in open_data_set(data).pages))
    files = {
        f"bench_data/{name}": data / name
        for name in names
        if name.startswith(("letters", "pdfs/letters/"))
    }
    folder = tmp_path / "olmOCR-bench"
    scripted.default = says("text")
    command = ("bench", "quality", "--url", scripted.url, "--data", folder, "--download")
    with ModelHub(REPOSITORY, files, kind="datasets") as hub:
        done = run(*command, HF_ENDPOINT=hub.url, HF_HOME=str(tmp_path / "hub"))
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads((folder / "bench_data" / "1b" / "quality.json").read_text())
    assert report["pages"] == len(files) - 1 == 27


def test_failed_pages_are_exit_status_one(scripted: ScriptedEndpoint, data: Path) -> None:
    scripted.default = status(400, "too odd")
    done = run("bench", "quality", "--url", scripted.url, "--data", data, "--sample", "2")
    assert done.returncode == 1
    assert "too odd" in done.stderr.decode()
    assert "the same command reads them again" in done.stderr.decode()


def test_without_the_scorer_the_error_installs_it(data: Path) -> None:
    lacking = "import sys; sys.modules['olmocr'] = None; from lighton_ocr.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", lacking, "bench", "quality", "--model", "pocket", "--data", data],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert install_command("quality") in done.stderr
    assert "--no-deps olmocr==" in done.stderr


@pytest.mark.parametrize("readers", [(), ("--model", "pocket", "--with", "pdftotext")])
def test_exactly_one_reader_is_named(readers: tuple[str, ...], data: Path) -> None:
    done = run("bench", "quality", *readers, "--data", data)
    assert done.returncode == 2
    assert "one of --url, --model and --with" in done.stderr.decode()
