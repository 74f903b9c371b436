import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from lighton_ocr.bench.quality.scores import find_browser
from tests.support.command_line import run
from tests.support.scripted_endpoint import ScriptedEndpoint, says

pytestmark = pytest.mark.slow

TRUTH = "Harbour Museum\n\nThe museum opens at 9."


@pytest.fixture
def pair(scripted: ScriptedEndpoint, letter: Path, tmp_path: Path) -> list[str]:
    """Two finished batches over the same letter; the second has a number wrong."""
    folders = []
    for name, text in (("first", TRUTH), ("second", TRUTH.replace("9", "8 & <b>half</b>"))):
        scripted.default = says(text)
        folders.append(str(tmp_path / name))
        done = run(
            *("batch", letter, "--out", folders[-1], "--url", scripted.url),
            *("--format", "md", "--format", "json", "--own-text", "off"),
        )
        assert done.returncode == 0, done.stderr.decode()
    return folders


def test_two_batches_are_compared_in_a_web_page(
    pair: list[str], letter: Path, tmp_path: Path
) -> None:
    out = tmp_path / "comparison.html"
    done = run("compare", letter, "--with", ",".join(pair), "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    lines = done.stdout.decode().splitlines()
    assert lines[0].split() == "reader s/page $/1,000 characters words failed".split()
    assert lines[2].split()[-3:] == ["1.000", "1.000", "0"]
    assert lines[3].split()[-3:-1] != ["1.000", "1.000"]
    html = out.read_text()
    assert "<del>9</del>" in html
    assert "<ins>8</ins> &amp; &lt;b&gt;" in html
    assert "<b>" not in html
    assert "http" not in html  # nothing is loaded


def test_a_truth_judges_each_reader(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    truth = tmp_path / "truth.md"
    truth.write_text(TRUTH)
    scripted.default = says(TRUTH)
    out = tmp_path / "c.html"
    done = run(
        *("compare", letter, "--with", scripted.url, "--truth", truth, "--gpu", "L4"),
        *("--out", out),
    )
    assert done.returncode == 0, done.stderr.decode()
    (row,) = [line for line in done.stdout.decode().splitlines() if line.startswith("1b")]
    *_, dollars, characters, words, failed = row.split()
    assert float(dollars) > 0
    assert (characters, words, failed) == ("1.000", "1.000", "0")


def test_tesseract_is_a_reader(letter: Path, tmp_path: Path) -> None:
    scan, truth, out = letter.with_name("scan.jpg"), tmp_path / "truth.md", tmp_path / "c.html"
    truth.write_text("the three boxes of photographs")
    done = run("compare", scan, "--with", "tesseract", "--truth", truth, "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    assert "we have opened all of them" in re.sub("<[^>]+>", "", out.read_text()).lower()


def test_pages_are_flipped_through_with_keys(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    scripted.default = says("text")
    out = tmp_path / "c.html"
    paper = letter.with_name("paper.pdf")
    done = run("compare", letter, paper, "--with", scripted.url, "--truth", "own", "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(None))
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.goto(out.as_uri())
        shown = page.locator("article:visible h2")
        first = shown.inner_text()
        page.keyboard.press("ArrowRight")
        assert shown.inner_text() != first
        page.get_by_label("Previous page").click()
        assert shown.inner_text() == first
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        browser.close()


@pytest.mark.parametrize(
    ("readers", "says"),
    [
        ("tesseract,pdftotext", "apt install tesseract-ocr"),
        ("pdftotext,tesseract", "apt install poppler-utils"),
        ("nonsense,tesseract", "nonsense"),
        ("pocket,pokcet", "pokcet"),
    ],
)
def test_a_reader_that_is_missing_is_named(
    letter: Path, tmp_path: Path, readers: str, says: str
) -> None:
    done = run(
        "compare", letter, "--with", readers, "--out", tmp_path / "c.html", PATH=str(tmp_path)
    )
    assert done.returncode == 2
    assert says in done.stderr.decode()
    assert "1 page" not in done.stderr.decode()  # nothing is read before


def test_a_model_that_cannot_run_here_is_refused_before_the_others_read(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    readers = f"{scripted.url},lightonai/LightOnOCR-0.9B-32k-1025"
    done = run("compare", letter, "--with", readers, "--out", tmp_path / "c.html")
    assert done.returncode == 3
    assert "LightOnOCR-0.9B-32k-1025 is not published as GGUF" in done.stderr.decode()
    assert not scripted.bodies


def test_a_document_that_a_batch_has_not_read_is_named(
    pair: list[str], letter: Path, tmp_path: Path
) -> None:
    other = letter.with_name("invoice.pdf")
    done = run("compare", other, "--with", ",".join(pair), "--out", tmp_path / "c.html")
    assert done.returncode == 2
    assert f"{pair[0]} has no text of {other}" in done.stderr.decode()


def test_status_lists_the_pages_that_deserve_a_look(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    scripted.default = says("word " * 400)  # a loop, in every attempt
    out = tmp_path / "out"
    run("batch", letter, "--out", out, "--url", scripted.url, "--own-text", "off")
    listed = run("status", out, "--review", "10")
    assert listed.stdout.decode().startswith(f"{letter} page 1: ")
    (row,) = run("status", out, "--review", "10", "--json").stdout.splitlines()
    assert json.loads(row)["page"] == 1
