"""Measure models on pages they were never trained on; write a result file.

    python -m pocket.evaluate build/manuals build/tables.json RESULT.json v0=DIR p28=DIR new=DIR

`build/manuals` holds unpacked Debian packages with PDF manuals; none of them is in the training
text. Every model is a folder with `model.gguf` and `mmproj.gguf`. Tables and blank pages are drawn.
"""

import json
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from pocket.scores import cell_f1, character_error_rate, loops, plain, word_f1
from pocket.server import EDGE, PageReader

DPI = 72


@dataclass(frozen=True)
class Sample:
    """A page, what it says, and which kind of sample it is: text, table or blank."""

    name: str
    kind: str
    image: Image.Image
    truth: str


def manual_pages(root: Path, count: int, seed: int = 0) -> Iterator[Sample]:
    """Pages of running text, spread evenly over the documents; truth is the PDF's text layer."""
    rng = random.Random(seed)
    documents = sorted(root.rglob("*.pdf"))
    rng.shuffle(documents)
    each = -(-count // max(1, len(documents)))
    left = count
    for path in documents:
        with pypdfium2.PdfDocument(path) as document:
            numbers = list(range(3, len(document)))
            rng.shuffle(numbers)
            found = 0
            for number in numbers[: 12 * each]:
                page = document[number]
                truth = page.get_textpage().get_text_bounded().replace("\ufffe", "")
                # pdfium ends a line broken inside a word with U+0002.
                truth = truth.replace("\x02\r\n", "").replace("\x02", "")
                if found < each and left and _is_text(truth):
                    scale = EDGE / max(page.get_size())
                    found, left = found + 1, left - 1
                    yield Sample(
                        f"{path.name}#{number + 1}",
                        "text",
                        page.render(scale=scale).to_pil(),
                        truth,
                    )


def _is_text(truth: str) -> bool:
    """Enough words, nearly all of letters that the model knows."""
    words = plain(truth).split()
    letters = [c for c in truth if not c.isspace()]
    latin = sum(c < "\u0180" for c in letters)
    return len(words) >= 120 and latin >= 0.99 * len(letters)


def drawn_pages(data: Path, tables: int, blanks: int, seed: int = 977) -> Iterator[Sample]:
    """Drawn pages with a table on them, and blank ones, from a seed that training never uses."""
    from pocket.corpus import Source
    from pocket.drawing.page import Painter
    from pocket.fonts import Families

    painter = Painter(Source.open(data / "text.txt"), Families(data / "fonts"))
    rng = random.Random(seed)
    while tables:
        ink, text = painter.page(rng, 924, 1288, dense=False)
        if "<table>" in text and len(text) < 5000:
            tables -= 1
            yield Sample(f"table {tables}", "table", Image.fromarray(255 - ink), text)
    for number in range(blanks):
        tone = 255 - number % 4 * 6
        yield Sample(f"blank {number}", "blank", Image.new("L", (924, 1288), tone), "")


def measure(
    read: Callable[[Image.Image], tuple[str, float]], samples: list[Sample]
) -> list[dict[str, Any]]:
    rows = []
    for sample in samples:
        found, seconds = read(sample.image)
        rows.append(
            {
                "name": sample.name,
                "kind": sample.kind,
                "seconds": round(seconds, 2),
                "word_f1": round(word_f1(found, sample.truth), 4),
                "cer": round(character_error_rate(found, sample.truth), 4),
                "cell_f1": round(cell_f1(found, sample.truth), 4),
                "loops": loops(found) and not loops(sample.truth),
                "empty": not found.strip(),
                "text": found,
            }
        )
    return rows


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Means by kind of page."""
    out: dict[str, Any] = {}
    by_kind = {kind: [r for r in rows if r["kind"] == kind] for kind in ("text", "table", "blank")}
    if text := by_kind["text"]:
        for key in ("word_f1", "cer", "loops", "seconds"):
            out[f"text_{key}"] = round(statistics.fmean(r[key] for r in text), 4)
        out["text_word_f1_median"] = statistics.median(r["word_f1"] for r in text)
    if table := by_kind["table"]:
        out["table_cell_f1"] = round(statistics.fmean(r["cell_f1"] for r in table), 4)
        out["table_word_f1"] = round(statistics.fmean(r["word_f1"] for r in table), 4)
    if blank := by_kind["blank"]:
        out["blank_empty"] = round(statistics.fmean(r["empty"] for r in blank), 4)
    return out


def main(manuals: str, data: str, result: str, count: str, *models: str) -> None:
    samples = list(manual_pages(Path(manuals), int(count)))
    samples += drawn_pages(Path(data), tables=max(1, int(count) // 4), blanks=4)
    report: dict[str, Any] = {
        "command": "python -m pocket.evaluate " + " ".join((manuals, data, result, count, *models)),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, 2 threads, shared with other work",
        "versions": {name: version(name) for name in ("xllamacpp", "pypdfium2", "pillow")},
        "pages": {
            kind: sum(s.kind == kind for s in samples) for kind in ("text", "table", "blank")
        },
        "documents": sorted({s.name.split("#")[0] for s in samples if s.kind == "text"}),
        "models": {},
    }
    readings: dict[str, Any] = {}
    for argument in models:
        name, folder = argument.split("=", 1)
        began = time.monotonic()
        with PageReader(Path(folder)) as reader:
            readings[name] = measure(reader, samples)
        report["models"][name] = summary(readings[name])
        print(name, round(time.monotonic() - began), "s", report["models"][name], flush=True)
        for row in readings[name]:
            Path(folder, "readings").mkdir(exist_ok=True)
            safe = row["name"].replace("/", "_").replace("#", "-")
            Path(folder, "readings", safe + ".md").write_text(row.pop("text"))
    report["rows"] = readings
    Path(result).write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
