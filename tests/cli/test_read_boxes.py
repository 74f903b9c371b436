"""Boxes and output options on the command line, with answers as the model cards show them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.support.box_answers import LAYOUT
from tests.support.command_line import run
from tests.support.scripted_endpoint import ScriptedEndpoint, says

pytestmark = pytest.mark.slow


@pytest.fixture
def layout() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint(default=says(LAYOUT, pieces=50), model="3-1b") as server:
        yield server


def test_json_has_boxes_in_thousandths_and_in_points(
    layout: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    done = run("read", letter, "--url", layout.url, "--boxes", "-o", tmp_path / "a.json")
    assert done.returncode == 0, done.stderr
    (page,) = json.loads((tmp_path / "a.json").read_text())["pages"]
    width, height = page["size_pt"]
    title = page["blocks"][1]
    assert (title["kind"], title["box"]) == ("title", [113, 108, 463, 123])
    expected = [0.113 * width, 0.108 * height, 0.463 * width, 0.123 * height]
    assert title["box_pt"] == pytest.approx(expected, abs=0.01)
    assert [figure["file"] for figure in page["figures"]] == [
        "a-figures/page-0001-image-1.jpg",
        "a-figures/page-0001-image-2.jpg",
    ]
    with Image.open(tmp_path / page["figures"][0]["file"]) as picture:
        assert picture.width / picture.height == pytest.approx(0.36 * width / (0.24 * height), 0.02)


def test_json_lines_have_the_places_of_blocks(layout: ScriptedEndpoint, letter: Path) -> None:
    done = run("read", letter, "--url", layout.url, "--boxes", "--format", "jsonl")
    line = json.loads(done.stdout)
    spans = [
        (line["text"][start:end], one["kind"]) for start, end, one in line["attributes"]["blocks"]
    ]
    assert spans[:2] == [
        ("Harbour Notes", "header"),
        ("## Tides and the Timing of Ferries", "title"),
    ]
    assert spans[-1] == ("3", "page_number")


def test_markdown_as_somebody_wants_it(
    layout: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    options = ("--no-margins", "--tables", "md", "--front-matter", "--per-page")
    done = run("read", letter, "--url", layout.url, *options, "-o", f"{tmp_path}/")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "letter-pages" / "page-0001.md").read_text()
    assert text == (
        f'---\nsource: "{letter}"\npages: "1"\nmodel: lightonai/LightOnOCR-3-1B\n---\n\n'
        "## Tides and the Timing of Ferries\n\n"
        "A ferry that crosses a tidal channel meets a current that turns four times a day.\n\n"
        "It is weakest at slack water.\n\n"
        "![image](../letter-figures/page-0001-image-1.jpg)\n\n"
        "![chart](../letter-figures/page-0001-image-2.jpg)\n\n"
        "Current over a day\n\n| 1 |\n| --- |\n"
    )
    assert (tmp_path / "letter-figures" / "page-0001-image-2.jpg").exists()
    assert not (tmp_path / "letter.md").exists()


def test_standard_output_gets_the_same_text(layout: ScriptedEndpoint, letter: Path) -> None:
    arguments = ("read", letter, letter, "--url", layout.url, "--no-margins")
    done = run(*arguments, "--front-matter", "--tables", "md")
    text = done.stdout.decode()
    assert text.count('---\nsource: "') == 2
    assert text.count("| 1 |\n| --- |\n") == 2
    assert "Harbour Notes" not in text


def test_a_batch_writes_other_options_without_reading_again(
    layout: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    def batch(*options: str) -> dict[str, object]:
        done = run("batch", letter, "--url", layout.url, "--boxes", "--out", tmp_path, *options)
        assert done.returncode == 0, done.stderr
        line: dict[str, object] = json.loads((tmp_path / "manifest.jsonl").read_text())
        return line

    assert batch()["results"] == ["letter.md"]
    assert "Harbour Notes" in (tmp_path / "letter.md").read_text()
    assert (tmp_path / "letter-figures" / "page-0001-image-1.jpg").exists()
    assert batch("--no-margins", "--per-page")["results"] == ["letter-pages/page-0001.md"]
    assert "Harbour" not in (tmp_path / "letter-pages" / "page-0001.md").read_text()
    assert len(layout.bodies) == 1


@pytest.mark.parametrize(("name", "box_from"), [("letter.pdf", "file"), ("scan.jpg", "page")])
def test_the_pocket_models_blocks_are_found_on_the_page(
    name: str, box_from: str, letter: Path, tmp_path: Path
) -> None:
    done = run("read", letter.with_name(name), "--boxes", "-o", tmp_path / "a.json")
    assert done.returncode == 0, done.stderr
    (page,) = json.loads((tmp_path / "a.json").read_text())["pages"]
    blocks = {block["text"].split()[0]: block for block in page["blocks"]}
    assert {block["box_from"] for block in page["blocks"]} == {box_from}
    for first, left, top, right, bottom in (
        ("Harbour", 122, 88, 267, 143),
        ("14", 122, 157, 240, 168),
        ("Our", 122, 281, 845, 357),
        ("Thomas", 122, 519, 312, 552),
    ):
        assert blocks[first]["box"] == pytest.approx([left, top, right, bottom], abs=8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--no-margins",), "pocket does not say which blocks are margins. Models that do: 3-0.8b"),
        (("--no-margins", "--model", "2-1b-bbox"), "Models that do: 3-0.8b, 3-1b, 3-4b."),
        (("--per-page", "--model", "pocket"), "--per-page writes files: say where"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_starts(
    letter: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run("read", letter, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1
