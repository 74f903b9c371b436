import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from starlette.responses import JSONResponse, Response

from lighton_ocr._extras import install_command
from lighton_ocr.engines.vllm.version import GPU_HEADER
from tests.support.command_line import COMMAND, run
from tests.support.corpus import pdf
from tests.support.scripted_endpoint import ScriptedEndpoint, interrupted, says, status, uncounted

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
UNREACHABLE = "http://127.0.0.1:9"  # waited for, for ten minutes
BIN = Path(sys.executable).parent


def test_a_gpu_adds_the_cost_and_only_the_table_is_on_stdout(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    scripted.pages["/version"] = lambda _: JSONResponse({"version": "0.32.0"})
    scripted.pages["/health"] = lambda _: Response(headers={GPU_HEADER: "NVIDIA L4"})
    out = tmp_path / "made" / "here"
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--gpu", "l4", "--out", out),
        *("--concurrency", "1,4", "--requests", "5"),
    )
    assert done.returncode == 0, done.stderr.decode()
    lines = done.stdout.decode().splitlines()
    assert lines[0].split() == (
        "parallel pages/s p50/p95/p99 first tokens/s failed queue KV $/1,000".split()
    )
    assert [line.split()[0] for line in lines[2:4]] == ["1", "4"]
    assert max(map(len, lines)) <= 80
    assert b"pages/s, 0 failed" in done.stderr
    report = json.loads((out / "speed.json").read_text())
    assert (report["gpu"], report["server_version"]) == ("L4", "0.32.0")
    assert report["server_gpu"] == "NVIDIA L4"
    assert "Server's GPU: NVIDIA L4." in " ".join((done.stdout + done.stderr).decode().split())
    assert report["command"].startswith("lighton-ocr bench speed ")
    assert report["knee"] in (1, 4)
    assert (report["distinct_pages"], report["drafted_pages"]) == (1, 1)
    assert all(body["vllm_xargs"]["draft"] for body in scripted.bodies)
    with Image.open(out / "speed.png") as plot:
        assert plot.size == (1600, 720)
    level = report["levels"][1]
    assert level["usd_per_1000"] == pytest.approx(0.222 / level["pages_per_s"], abs=6e-4)
    assert (level["prompt_tokens"], level["output_tokens"]) == (2145, 4)
    images = [body["messages"][0]["content"][0]["image_url"]["url"] for body in scripted.bodies]
    assert len(set(images)) == len(images)


def test_pages_can_arrive_at_a_rate(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--rate", "100,200", "--requests", "10"),
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.split()[0] == b"rate"
    report = json.loads((tmp_path / "speed.json").read_text())
    assert (report["loop"], [level["pages"] for level in report["levels"]]) == ("open", [10, 10])


def test_rates_that_the_server_cannot_keep_up_with_have_no_knee(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--rate", "50000,100000", "--requests", "20"),
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"Knee: none, the lowest rate (50000) was already too high" in b" ".join(
        done.stdout.split()
    )
    report = json.loads((tmp_path / "speed.json").read_text())
    assert report["knee"] is None
    assert [level["latency_growth"] for level in report["levels"]] == [None, None]


def test_tokens_that_the_server_does_not_count_are_none(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    scripted.default = uncounted("Hello from the page.")
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--concurrency", "1", "--requests", "2"),
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().splitlines()[2].split()[4] == "–"
    (level,) = json.loads((tmp_path / "speed.json").read_text())["levels"]
    assert [level[name] for name in ("prompt_tokens", "output_tokens", "tokens_per_s")] == [
        None
    ] * 3


def test_a_level_with_a_failed_page_is_not_the_knee(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    scripted.script = [says("Hello.")] * 4 + [status(503, "too many")]
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--concurrency", "2", "--requests", "8"),
    )
    assert done.returncode == 1
    assert b"Knee: none, pages failed at every level." in b" ".join(done.stdout.split())
    assert json.loads((tmp_path / "speed.json").read_text())["knee"] is None


def test_failures_are_counted_and_reported_and_the_exit_status_is_1(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    scripted.default = status(503, "no memory")
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--concurrency", "2", "--requests", "4"),
    )
    assert done.returncode == 1
    assert b"no memory" in done.stderr
    assert b"none, no page was read" in b" ".join(done.stdout.split())
    (level,) = json.loads((tmp_path / "speed.json").read_text())["levels"]
    assert (level["pages"], level["failures"], level["latency"]) == (0, 4, None)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--concurrency", "1", "--rate", "1"], "choose one"),
        (["--concurrency", "0"], "numbers above 0"),
        (["--concurrency", "1.5"], "whole numbers"),
        (["--concurrency", ""], "'' is not a list of numbers"),
        (["--concurrency", "", "--rate", "1"], "choose one"),
        (["--concurrency", "5000"], "needs 25,000 pages"),
        (["--rate", "fast"], "numbers above 0"),
        (["--rate", ""], "'' is not a list of numbers"),
        (["--rate", "1e9"], "needs 33,000,000,000 pages, more than the maximum of 10,000"),
        (["--rate", "1e308"], "numbers above 0"),
        (["--requests", "1000000"], "needs 1,000,002 pages"),
        (["--gpu", "RTX-4090"], "Unknown GPU"),
        (["--gpu", ""], "Unknown GPU"),
        (["--model", ""], "Unknown model ''"),
        (["--url", ""], "'' is not a URL"),
        (["--out", "/dev/null/x"], "/dev/null cannot be written"),
    ],
)
def test_wrong_usage_is_an_error_before_the_server_is_asked(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    out = tmp_path / "out"
    done = run("bench", "speed", "--url", UNREACHABLE, "--out", out, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert sentence in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize("given", [["--password", "sesame"], ["--password=sesame"]])
def test_a_password_opens_a_document_and_is_not_in_the_report(
    scripted: ScriptedEndpoint, tmp_path: Path, given: list[str]
) -> None:
    document = tmp_path / "locked.pdf"
    document.write_bytes(pdf("Locked", 1, (460, 160), password="sesame"))
    done = run(
        *("bench", "speed", document, "--url", scripted.url, "--out", tmp_path),
        *("--concurrency", "1", "--requests", "2", *given),
    )
    assert done.returncode == 0, done.stderr.decode()
    written = (tmp_path / "speed.json").read_text()
    assert ("--password" in written, "sesame" in written) == (True, False)


def test_a_very_high_rate_is_possible_with_few_pages(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--rate", "1e9", "--requests", "2"),
    )
    assert done.returncode == 0, done.stderr.decode()


def test_the_sweep_of_the_embedded_engine_is_short(tmp_path: Path) -> None:
    strip = tmp_path / "strip.pdf"
    strip.write_bytes(pdf("Strip", 1, size=(700, 100)))
    done = run("bench", "speed", strip, "--out", tmp_path, "--requests", "2")
    assert done.returncode == 0, done.stderr.decode()
    levels = json.loads((tmp_path / "speed.json").read_text())["levels"]
    assert [level["load"] for level in levels] == [1, 2]


def test_levels_before_one_that_fails_are_written(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    scripted.script = [says("Hello.")] * 5
    scripted.default = status(401)
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--concurrency", "1,2", "--requests", "4"),
    )
    assert done.returncode == 3
    assert b"refuses the key" in done.stderr.splitlines()[-1]
    assert done.stdout.splitlines()[2].split()[0] == b"1"
    levels = json.loads((tmp_path / "speed.json").read_text())["levels"]
    assert [(level["load"], level["pages"]) for level in levels] == [(1, 4)]


@pytest.mark.parametrize("name", ["speed.json", "speed.png"])
def test_the_table_is_printed_if_a_file_cannot_be_written(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name / "in the way").mkdir(parents=True)
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--concurrency", "1", "--requests", "2"),
    )
    assert done.returncode == 2
    assert f"{name} cannot be written" in done.stderr.decode()
    assert done.stdout.splitlines()[2].split()[0] == b"1"


def test_ctrl_c_before_anything_is_measured_writes_nothing(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments: list[str | Path] = [letter, "--url", scripted.url, "--out", out]
    command = [*COMMAND, "bench", "speed", *arguments]
    done = interrupted(command, scripted)
    assert (done.returncode, done.stdout) == (130, b"")
    assert b"interrupted; nothing was measured yet." in done.stderr
    assert not out.exists()


def test_a_missing_extra_is_an_error_with_the_command_that_installs_it() -> None:
    code = "import sys; sys.modules['matplotlib'] = None; import lighton_ocr.cli as c; c.main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "bench", "speed"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert install_command("bench") in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_make_benchmark_parallel_measures_one_level(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            *("make", f"BIN={BIN}", "-o", f"{BIN}/lighton-ocr", "benchmark-parallel", "PARALLEL=2"),
            *(f"MODAL_URL={scripted.url}", f"PDF_FILE={letter}", f"OUT={tmp_path}", "GPU=H200"),
        ],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads((tmp_path / "speed.json").read_text())
    assert ([level["load"] for level in report["levels"]], report["gpu"]) == ([2], "H200")
