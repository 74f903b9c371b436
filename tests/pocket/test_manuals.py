"""Documents set by Typst, and what `pocket.manuals` makes of their pages."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")
pypdfium2 = pytest.importorskip("pypdfium2")
typst = pytest.importorskip("typst")
tokenizers = pytest.importorskip("tokenizers")
from pocket.drawing.reprint import ENOUGH, Reprinter  # noqa: E402
from pocket.manuals.collect import collect  # noqa: E402
from pocket.manuals.lines import page_lines  # noqa: E402
from pocket.manuals.pack import pack  # noqa: E402
from pocket.manuals.transcript import transcript  # noqa: E402

SENTENCE = "The quick brown fox jumps over the lazy dog, and nobody minds the commotionless noise."
LETTER = f"""
#set page(width: 400pt, height: 560pt, margin: 50pt)
#set par(justify: true, spacing: 1.4em)
#set text(hyphenate: true, lang: "en")
= Reading pages
{SENTENCE} {SENTENCE} {SENTENCE}

{SENTENCE}

- Every page has its own type.
- Every page has its own noise.

```c
int main(void)
{{
    return 0;
}}
```

{SENTENCE}
"""
PARAGRAPH = " ".join([SENTENCE] * 3)
TRANSCRIPT = f"""# Reading pages

{PARAGRAPH}

{SENTENCE}

- Every page has its own type.
- Every page has its own noise.

```
int main(void)
{{
    return 0;
}}
```

{SENTENCE}"""


def pdf(markup: str) -> bytes:
    return bytes(typst.compile(markup.encode(), format="pdf"))


def transcribed(markup: str) -> str | None:
    with pypdfium2.PdfDocument(pdf(markup)) as document:
        return transcript(page_lines(document[0]), document[0].get_height())


def test_a_page_of_headings_paragraphs_lists_and_code():
    assert transcribed(LETTER) == TRANSCRIPT


COLUMNS = f"""
#set page(width: 500pt, height: 500pt, margin: 60pt, columns: 2, numbering: "1")
#set par(justify: true)
#set text(hyphenate: true, lang: "en")
= Reading
{PARAGRAPH} {PARAGRAPH} {PARAGRAPH} {PARAGRAPH} {PARAGRAPH}

{SENTENCE}
"""


def test_a_paragraph_goes_on_in_the_next_column():
    text = f"# Reading\n\n{' '.join([PARAGRAPH] * 5)}\n\n{SENTENCE}\n\n1"
    assert transcribed(COLUMNS) == text


@pytest.mark.parametrize(
    "unsure",
    [
        "$ integral_0^1 x^2 dif x = 1/3 $",
        "#table(columns: 4, stroke: none, column-gutter: 40pt, ..range(24).map(_ => [cell]))",
        "ζητα and шрифт",
        "#box(width: 0pt, box(width: 200pt)[Words that lie under]) words that lie over them.",
    ],
    ids=["formula", "table", "script", "overprint"],
)
def test_pages_whose_text_is_not_sure_are_refused(unsure: str):
    assert transcribed(f"{LETTER}\n\n{unsure}") is None


@pytest.fixture
def collected(data: Path, tmp_path: Path) -> Path:
    """Two manuals, one gzipped, and a third whose text is held out, through `collect`."""
    packages, target, held_out = (tmp_path / name for name in ("packages", "data", "held"))
    for folder in (packages, target, held_out):
        folder.mkdir()
    for path in data.glob("*.*"):
        (target / path.name).write_bytes(path.read_bytes())
    (target / "text.txt").write_text(f"{SENTENCE}\nReading pages has its own type noise return.")
    (packages / "plain.pdf").write_bytes(pdf(LETTER))
    (packages / "zipped.pdf.gz").write_bytes(gzip.compress(pdf(f"{LETTER}\n\n{SENTENCE}")))
    measured = f"{PARAGRAPH} {PARAGRAPH}".replace("quick", "nobody").replace("fox", "page")
    measured = measured.replace("lazy", "own").replace("commotionless", "type")
    (packages / "copied.pdf").write_bytes(pdf(measured))
    (held_out / "measured.pdf").write_bytes(pdf(f"= Another title\n{measured}"))
    collect(packages, target, held_out)
    return target


def test_collected_are_sure_pages_that_nobody_is_measured_on(collected: Path):
    lines = (collected / "manuals.jsonl").read_text(encoding="utf8").splitlines()
    found = {record["source"]: record for record in map(json.loads, lines)}
    assert set(found) == {"plain.pdf", "zipped.pdf.gz"}
    assert found["plain.pdf"]["text"] == TRANSCRIPT
    assert (collected / "manuals" / found["zipped.pdf.gz"]["file"]).read_bytes()[:4] == b"%PDF"


def test_reprints_show_the_whole_page_on_other_paper(collected: Path):
    tokenizer = tokenizers.Tokenizer.from_file(str(collected / "tokenizer.json"))
    reprinter, rng = Reprinter(collected, tokenizer), random.Random(4)
    longest = max(page.tokens for page in reprinter.pages)
    texts = set()
    for _ in range(8):
        page = reprinter.page(rng, (924, 1288), (0, longest + 1))
        assert page is not None
        ink, text = page
        texts.add(text)
        assert ink.shape == (1288, 924)
        assert 0.005 < (ink > 128).mean() < 0.2
        # Nothing is cut off: the border is paper.
        assert not np.concatenate((ink[0], ink[-1], ink[:, 0], ink[:, -1])).any()
    assert TRANSCRIPT in texts
    assert reprinter.page(rng, (924, 1288), (longest, 5000)) is None
    assert reprinter.plenty((924, 1288), (0, longest + 1)) == len(reprinter.pages) / ENOUGH


@pytest.fixture
def manuals(tmp_path: Path) -> Path:
    """Two pages used of a manual of five, one of another, and one of a third in its own folder."""
    (tmp_path / "manuals").mkdir()
    with pypdfium2.PdfDocument.new() as document:
        for number in range(5):
            document.new_page(100 + number, 200)
        for name in ("00001.pdf", "00002.pdf", "00003.pdf"):
            document.save(tmp_path / "manuals" / name)
    used = (("a/1", 3), ("a/1", 1), ("a/2", 0), ("b/3", 4))
    pages = [
        {"file": f"0000{source[-1]}.pdf", "source": source, "number": number, "text": str(number)}
        for source, number in used
    ]
    (tmp_path / "manuals.jsonl").write_text("\n".join(map(json.dumps, pages)))
    return tmp_path


def packed_pages(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "manuals.jsonl").read_text().splitlines()]


def test_packed_documents_hold_the_pages_used_and_no_others(manuals: Path, tmp_path: Path):
    pack(manuals, tmp_path / "packed", 100_000)
    pages = packed_pages(tmp_path / "packed")
    assert sorted(page["text"] for page in pages) == ["0", "1", "3", "4"]
    used = [page for page in pages if page["file"] == "00001.pdf"]
    with pypdfium2.PdfDocument(tmp_path / "packed/manuals/00001.pdf") as document:
        widths = [document[page["number"]].get_width() for page in used]
    assert widths == [103, 101]


def test_folders_take_turns_and_give_the_documents_with_the_fewest_bytes_a_page_first(
    manuals: Path, tmp_path: Path
):
    pack(manuals, tmp_path / "packed", 100_000)
    size = sum(file.stat().st_size for file in (tmp_path / "packed").rglob("*.*"))
    pack(manuals, tmp_path / "less", size - 1)
    assert [page["text"] for page in packed_pages(tmp_path / "less")] == ["4", "3", "1"]
    names = sorted(file.name for file in (tmp_path / "less/manuals").iterdir())
    assert names == ["00001.pdf", "00003.pdf"]
