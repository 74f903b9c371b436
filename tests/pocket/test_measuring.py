"""From packages of manuals to pages, readings and scores."""

import json
from pathlib import Path

import pytest

pypdfium2 = pytest.importorskip("pypdfium2")
typst = pytest.importorskip("typst")
from pocket.licences import licences  # noqa: E402
from pocket.samples import jpeg, manual_pages, scan  # noqa: E402

from pocket import evaluate, readers  # noqa: E402

SENTENCE = "Every page has its own type, its own columns and its own noise. "

# A bitmap of two by two, as Typst writes raw ones.
PIXEL = (
    '#image(bytes((0, 255, 255, 0)), width: 20pt, format: (encoding: "luma8", width: 2, height: 2))'
)


@pytest.fixture(scope="module")
def manuals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two packages of six pages each; the fifth page has hardly a word, the last has a picture."""
    root = tmp_path_factory.mktemp("manuals")
    for name in ("one", "two"):
        pages = [f"{name} {number} {SENTENCE * 14}" for number in range(4)]
        pages += ["short", f"{PIXEL}\n\n{SENTENCE * 14}"]
        (root / name / "doc").mkdir(parents=True)
        markup = "#set page(width: 420pt, height: 595pt)\n" + "\n#pagebreak()\n".join(pages)
        (root / name / "doc" / "manual.pdf").write_bytes(
            typst.compile(markup.encode(), format="pdf")
        )
    return root


def test_packages_take_turns_and_give_only_pages_of_text(manuals: Path) -> None:
    found = list(manual_pages(manuals, 10))
    assert [sample.name for sample in found] == ["one:manual.pdf#4", "two:manual.pdf#4"]
    assert all(sample.truth.count("own noise.") == 14 for sample in found)
    assert max(found[0].image.size) == 1288
    assert scan(found[0]).image.tobytes() == scan(found[0]).image.tobytes()
    assert (jpeg(found[0]).image.format, jpeg(found[0]).image.mode) == ("JPEG", "L")


def test_readings_made_elsewhere_are_scored_beside_each_other(
    manuals: Path, tmp_path: Path
) -> None:
    truth = {sample.name: sample.truth for sample in manual_pages(manuals, 2)}
    half = {name: text[: len(text) // 2] for name, text in truth.items()}
    for name, texts in (("right", truth), ("half", half)):
        (tmp_path / f"{name}.json").write_text(json.dumps(texts))
        readers.main(
            str(manuals), "", str(tmp_path / name), str(tmp_path / f"{name}.json"), "text=2"
        )
    result = tmp_path / "result.json"
    evaluate.main(str(result), *(f"{name}={tmp_path / name}" for name in ("right", "half")))
    read = json.loads(result.read_text())["readers"]
    assert read["right"]["text"]["word_f1"] == 1
    assert 0.6 < read["half"]["text"]["word_f1"] < 0.75
    assert "seconds" not in read["half"]["text"]
    earlier = result.with_suffix(".jsonl")
    assert len(earlier.read_text().splitlines()) == 4
    # A reader read elsewhere one page of the two: the earlier scores are those of that page.
    one = tmp_path / "one"
    one.mkdir()
    page = next((tmp_path / "right").glob("*.json"))
    (one / page.name).write_bytes(page.read_bytes())
    again = tmp_path / "again.json"
    evaluate.main(str(again), f"one={one}", f"before={earlier}#half")
    read = json.loads(again.read_text())["readers"]
    assert {name: kinds["text"]["pages"] for name, kinds in read.items()} == {"one": 1, "before": 1}


def test_licences_are_those_that_the_copyright_file_names() -> None:
    fields = "Files: *\nLicense: GPL-2+ or OFL-1.1\n the text\n\nFiles: debian/*\nLicense: MIT\n"
    assert licences(fields) == ["GPL-2+ or OFL-1.1", "MIT"]
    assert licences("Under the GNU General Public License, version 3.") == ["GPL"]
    assert licences("As you like.") == []
