"""Which settings the pocket model's pages are read best with: one is changed at a time.

    python -m benchmarks.settings read MANUALS   # reads pages with each setting
    python -m benchmarks.settings judge > benchmarks/results/settings.json

MANUALS is a folder with the Debian packages of HARD, each unpacked into a folder of its own. `read`
goes from page to page and resumes where it was stopped. `judge` compares each setting with today's
on the pages that both have read. Settings that begin in the same way get the same answers: each
request is sent once.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from itertools import zip_longest
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.settings_reader import MODEL, Answers, BenchPage, Row, Setting, SettingsReader
from pocket.readers import page_of
from pocket.samples import _manual_page

from lighton_ocr.bench.quality.data_set import open_data_set
from lighton_ocr.documents import Source, open_document, prepare
from lighton_ocr.documents.pages import Geometry, PageOptions, PreparedPage, encode
from lighton_ocr.reading.attempts import Fallback, PageBudget

HERE = Path(__file__).parent
READINGS = HERE / "results" / "settings.jsonl"
SAMPLE = 11  # pages of our data set, one of each category
# Pages of manuals that the model asks for again, most of them after a loop.
HARD = (
    "yosys-doc:presentation.pdf#110",
    "texworks-help-en:manual.pdf#42",
    "speex-doc:manual.pdf.gz#46",
    "petsc3.18-doc:manual.pdf.gz#14",
    "yosys-doc:presentation.pdf#94",
    "ruby-prawn-doc:manual.pdf.gz#38",
    "texworks-help-en:manual.pdf#14",
    "form-doc:manual.pdf#51",
    "coccinelle-doc:manual.pdf#35",
    "evolver-doc:manual270.pdf#262",
)
DRY = Fallback(
    temperature=0.0,
    sampler_options=(
        ("dry_multiplier", 0.8),
        ("dry_base", 1.75),
        ("dry_allowed_length", 12),
        ("dry_penalty_last_n", MODEL.context),  # all tokens
    ),
)


NOW = Setting("as now")
SETTINGS = (
    NOW,
    *(Setting(f"JPEG, quality {quality}", jpeg=quality) for quality in (95, 85, 70)),
    *(Setting(f"edge of {edge} pixels", edge=edge) for edge in (1120, 1540)),
    Setting("temperature 0.2 at first", policy={"temperature": 0.2}),
    Setting("second attempt with DRY", policy={"after_loop": (DRY,)}, for_hard=True),
    Setting("one attempt", policy={"budget": PageBudget(1)}, for_hard=True),
    Setting("two attempts", policy={"budget": PageBudget(2)}, for_hard=True),
    Setting("loops are not stopped", stops_loops=False, for_hard=True),
)


def pages(manuals: Path) -> Iterator[BenchPage]:
    """Yield a page of our data set and a hard one in turn, as far as they go."""
    data = open_data_set(HERE / "quality").sample(SAMPLE)
    for page, hard in zip_longest(data.pages, HARD):
        truth = (data.folder / "truth" / page.text_name(1)).read_text("utf-8")
        yield BenchPage(page.pdf, truth, partial(prepared, data.path(page), page.number - 1))
        if hard:
            yield manual_page(manuals, hard)


def prepared(path: Path, index: int, geometry: Geometry) -> PreparedPage:
    """Return a page of a PDF as it is sent."""
    with open_document(Source(path.name, path.read_bytes())) as document:
        return prepare(document, index, PageOptions(geometry))


def manual_page(manuals: Path, name: str) -> BenchPage:
    """Return a page of a manual, as for the model's card."""
    package, _, rest = name.partition(":")
    file, _, number = rest.partition("#")
    sample = _manual_page(package, next((manuals / package).rglob(file)), int(number) - 1)
    assert sample is not None
    return BenchPage(
        name,
        sample.truth,
        lambda geometry: PreparedPage(0, (encode(page_of(sample, geometry)),)),
    )


async def read(manuals: Path) -> None:
    """Read what is missing, page by page."""
    done = {(row["page"], row["setting"]) for row in stored()}
    with ExitStack() as stack:
        reader = SettingsReader(stack, {setting.edge for setting in SETTINGS})
        for page in pages(manuals):
            answers: Answers = {}
            for setting in settings_of(page.name):
                if (page.name, setting.name) in done:
                    continue
                row = await reader.read(page, setting, answers)
                with READINGS.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")


def settings_of(page: str) -> list[Setting]:
    """Return the settings that a page is read with."""
    return [one for one in SETTINGS if one is NOW or one.for_hard == (page in HARD)]


def stored() -> list[Row]:
    """Return what was read so far."""
    lines = READINGS.read_text("utf-8").splitlines() if READINGS.exists() else []
    return [json.loads(line) for line in lines]


def judge() -> dict[str, Any]:
    """Return the figures of each setting, and those of the same pages as they are read now."""
    rows = {(row["page"], row["setting"]): row for row in stored()}
    found = []
    for setting in SETTINGS[1:]:
        chosen = sorted(page for page, name in rows if name == setting.name)
        now, changed = (
            figures([rows[page, name] for page in chosen]) for name in (NOW.name, setting.name)
        )
        found.append(
            {
                "setting": setting.name,
                "pages": "hard" if setting.for_hard else "data set",
                "now": now,
                "changed": changed,
            }
        )
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": "python -m benchmarks.settings judge",
        "settings": found,
    }


def figures(rows: list[Row]) -> Row:
    """Return the means of some pages."""
    means = {
        key: round(fmean(row[key] for row in rows), 4)
        for key in ("word_f1", "words_found", "cpu_seconds")
    }
    return means | {
        "pages": len(rows),
        "still_doubted": sum(row["doubt"] is not None for row in rows),
        "loops_at_first": sum(row["attempts"][:1] == ["loop"] for row in rows),
        "ended_by_the_second": sum(row["attempts"][:2] == ["loop", "stop"] for row in rows),
    }


if __name__ == "__main__":
    if sys.argv[1] == "read":
        asyncio.run(read(Path(sys.argv[2])))
    else:
        print(json.dumps(judge(), indent=2, ensure_ascii=False))
