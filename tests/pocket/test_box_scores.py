"""Pages with true boxes, and how readings of them are scored."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy")
pytest.importorskip("typst")
pytest.importorskip("pypdfium2")
from pocket.box_readings import draw

from pocket import box_scores


def block(label: str, text: str, *box: int) -> dict[str, Any]:
    return {"label": label, "text": text, "box": list(box)}


TRUTH = [
    block("title", "# Tides and ferries", 100, 100, 500, 140),
    block("text", "A ferry that crosses a channel meets a current.", 100, 160, 900, 300),
    block("image", "", 100, 400, 500, 600),
    block("text", "It is weakest at slack water.", 100, 650, 900, 700),
]


PAGE = {
    "truth": "\n\n".join(block["text"] for block in TRUTH if block["text"]),
    "blocks": TRUTH,
}


def reading(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    return {"text": PAGE["truth"], "blocks": blocks}


def test_a_reading_that_is_right_has_all_points():
    scores = box_scores.summary([box_scores.scored(PAGE, reading(TRUTH))])
    assert (scores["pages"], scores["blocks"]) == (1, 4)
    assert {scores[name] for name in ("found", "met", "overlap", "labels", "word_f1")} == {1}
    assert scores["by_label"] == {"image": [1, 1], "text": [2, 1], "title": [1, 1]}


def test_blocks_are_found_by_their_text_and_met_by_their_box():
    read = [
        block("section", "## Tides and ferries", 100, 100, 500, 140),  # the label is wrong
        block("text", "A ferry that crosses a chanel meets a current.", 100, 160, 900, 230),
        block("image", "", 100, 400, 500, 580),
        block("text", "Another text altogether, where water was.", 100, 650, 900, 700),
    ]
    page = box_scores.scored(PAGE, reading(read))
    assert (page["blocks"], page["found"], page["met"], page["labels"]) == (4, 3, 2, 2)
    assert page["overlap"] == pytest.approx(1 + 0.5 + 0.9)
    assert page["by_label"][-1] == ("text", 0)
    assert box_scores.scored(PAGE, reading([]))["found"] == 0


def test_pages_to_be_read_are_drawn_with_their_truth(data: Path, tmp_path: Path):
    draw(data, tmp_path, 2)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"00{number}.{kind}" for number in (0, 1) for kind in ("png", "json")
    }
    for path in tmp_path.glob("*.json"):
        page = json.loads(path.read_text(encoding="utf8"))
        assert page["blocks"]
        for one in page["blocks"]:
            left, top, right, bottom = one["box"]
            assert 0 <= left < right <= 1000
            assert 0 <= top < bottom <= 1000
            assert one["text"] in page["truth"]


def test_scores_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    ways = {"found": reading(TRUTH), "grounded": reading([])}
    (tmp_path / "readings").mkdir()
    (tmp_path / "readings/000.json").write_text(json.dumps(PAGE | {"readings": ways}))
    box_scores.main(str(tmp_path / "readings"), str(tmp_path / "result.json"))
    report = json.loads((tmp_path / "result.json").read_text())
    assert report["ways"]["found"]["met"] == 1
    assert report["ways"]["grounded"]["met"] == 0
    assert json.loads(capsys.readouterr().out) == report["ways"]
