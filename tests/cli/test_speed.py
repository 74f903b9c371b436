import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from starlette.responses import JSONResponse

from lighton_ocr.extras import install_command
from tests.cli.test_read import run
from tests.scripted_endpoint import ScriptedEndpoint, says, status, uncounted

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def test_a_gpu_adds_the_cost_and_the_table_is_all_there_is_on_stdout(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    scripted.pages["/version"] = lambda _: JSONResponse({"version": "0.32.0"})
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
    assert report["command"].startswith("lighton-ocr bench speed ")
    assert report["knee"] in (1, 4)
    assert (report["distinct_pages"], report["drafted_pages"]) == (1, 1)
    assert all(body["vllm_xargs"]["draft"] for body in scripted.bodies)
    with Image.open(out / "speed.png") as plot:
        assert plot.size == (1600, 720)
    level = report["levels"][1]
    assert level["usd_per_1000"] == pytest.approx(0.222 / level["pages_per_s"], abs=6e-4)
    assert (level["prompt_tokens"], level["output_tokens"]) == (2145, 4)
    pictures = [body["messages"][0]["content"][0]["image_url"]["url"] for body in scripted.bodies]
    assert len(set(pictures)) == len(pictures)


def test_pages_arrive_at_a_rate(scripted: ScriptedEndpoint, letter: Path, tmp_path: Path) -> None:
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--rate", "100,200", "--requests", "10"),
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.split()[0] == b"rate"
    report = json.loads((tmp_path / "speed.json").read_text())
    assert (report["loop"], [level["pages"] for level in report["levels"]]) == ("open", [10, 10])


def test_rates_beyond_the_server_have_no_knee(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--rate", "50000,100000", "--requests", "20"),
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"Knee: none, already the lowest rate, 50000, was too much" in b" ".join(
        done.stdout.split()
    )
    report = json.loads((tmp_path / "speed.json").read_text())
    assert report["knee"] is None
    rates = [level["arrivals_per_s"] for level in report["levels"]]
    assert rates == pytest.approx([50_000, 100_000], rel=0.8)


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


def test_a_level_with_a_failed_page_is_no_knee(
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


def test_failures_are_counted_said_and_exit_status_one(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    scripted.default = status(503, "no memory")
    done = run(
        *("bench", "speed", letter, "--url", scripted.url, "--out", tmp_path),
        *("--concurrency", "2", "--requests", "4"),
    )
    assert done.returncode == 1
    assert b"no memory" in done.stderr
    assert b"none, nothing read" in b" ".join(done.stdout.split())
    (level,) = json.loads((tmp_path / "speed.json").read_text())["levels"]
    assert (level["pages"], level["failures"], level["latency"]) == (0, 4, None)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--concurrency", "1", "--rate", "1"], "choose one"),
        (["--concurrency", "0"], "numbers above 0"),
        (["--concurrency", "1.5"], "whole numbers"),
        (["--rate", "fast"], "numbers above 0"),
        (["--gpu", "RTX-4090"], "Unknown GPU"),
        (["--out", "/dev/null/x"], "cannot be made"),
    ],
)
def test_bad_usage_is_one_sentence(
    scripted: ScriptedEndpoint, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    given = arguments if "--out" in arguments else [*arguments, "--out", str(tmp_path)]
    done = run("bench", "speed", "--url", scripted.url, *given)
    assert (done.returncode, done.stdout) == (2, b"")
    assert sentence in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_a_missing_extra_is_named() -> None:
    code = "import sys; sys.modules['matplotlib'] = None; import lighton_ocr.cli as c; c.main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "bench", "speed"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert install_command("bench") in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_make_measures_at_one_level(
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
