"""Compare the pocket model's texts under vLLM's options: do faster ones change what is read?

    python -m benchmarks.text_study H200 WEIGHTS FOLDER SECONDS OUT.json NAME…
    python -m benchmarks.text_study FOLDER OUT.json… > benchmarks/results/texts-h200.json

WEIGHTS is the folder of the pocket model's restored checkpoint, FOLDER is from `text_pages.py`, and
NAME is as in `gpu_study.py`. The first form stores the texts, read at temperature 0; the second
compares them with those of the first configuration and with the truth. Batches differ from run to
run, and with them the last bits of numbers: each configuration reads twice, to show what that alone
changes. Pages that loop are asked for again, as always; the file's own text corrects nothing.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import fmean
from typing import Any

import httpx2
from benchmarks.text_pages import TRUTH
from benchmarks.vllm_study.configurations import Configuration, configuration
from benchmarks.vllm_study.record import Record, Row, within
from benchmarks.vllm_study.server import errors, servers, wait_for
from pocket.scores import bare_word_f1, loops, word_f1
from rapidfuzz.distance import Levenshtein

from lighton_ocr.bench.server_metrics import parse
from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.documents import Document, load_source, open_document
from lighton_ocr.engines.remote import connect
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.reading.reader import Reader

NEEDED_S = 75  # for a configuration
IN_FLIGHT = 64

Readings = dict[str, tuple[str, int]]  # of each file: the text, and how often it was asked for


def texts(
    options: VllmOptions, weights: str, chosen: Configuration, folder: Path, log: Path
) -> Row:
    """Read every page of the folder twice."""
    try:
        with servers(options, weights, chosen, log) as started:
            wait_for(started)
            files = sorted(set(folder.iterdir()) - {folder / TRUTH})
            url = started[0][1]
            row: Row = {key: asyncio.run(_read(url, files)) for key in ("texts", "again")}
            return row | {"drafts": _drafts(url)}
    except Exception as error:
        return {"fault": repr(error)[-3000:], "errors": errors(log)}


async def _read(url: str, files: list[Path]) -> Readings:
    async def pages() -> AsyncIterator[tuple[Document, int]]:
        for file in files:
            yield open_document(load_source(str(file))), 0

    async with Reader(connect(url), concurrency=IN_FLIGHT, own_text="off") as reader:
        return {
            Path(document.name).name: (result.text, len(result.attempts))
            async for document, result in reader.read_pages(pages())
        }


def _drafts(url: str) -> dict[str, float]:
    """Count the steps with draft tokens, and the draft tokens that were accepted."""
    text = httpx2.get(url.removesuffix("/v1") + "/metrics").text
    found = parse(text, at=0.0)
    return {"steps": found.draft_steps, "accepted": found.accepted_tokens}


def compare(truth: dict[str, str], reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Replace the texts of reports by how they differ from those of the first row."""
    releases = [report["versions"]["vllm"] for report in reports]
    rows = {
        f"{name}, vLLM {release}" if len(set(releases)) > 1 else name: row
        for report, release in zip(reports, releases, strict=True)
        for name, row in report["rows"].items()
    }
    first = next(iter(rows.values()))["texts"]
    compared: dict[str, Any] = {}
    for name, row in rows.items():
        for key, addition in (("texts", ""), ("again", ", again")):
            if key in row:
                compared[name + addition] = _scores(row[key], first, truth)
        compared[name] = row if "fault" in row else compared[name] | {"drafts": row["drafts"]}
    commands = [report["command"] for report in reports]
    return reports[0] | {"command": commands, "rows": compared}


def _scores(found: Readings, first: Readings, truth: dict[str, str]) -> Row:
    distances = [Levenshtein.normalized_distance(first[page][0], found[page][0]) for page in first]
    texts = [(text, truth[page]) for page, (text, _) in found.items()]
    return {
        "pages": len(distances),
        "the_same": sum(distance == 0 for distance in distances),
        "characters_changed": round(fmean(distances), 5),
        "pages_changed_by_more_than_a_tenth": sum(distance > 0.1 for distance in distances),
        "word_f1": round(fmean(word_f1(*pair) for pair in texts), 4),
        "word_f1_without_signs": round(fmean(bare_word_f1(*pair) for pair in texts), 4),
        "below_0_8": sum(word_f1(*pair) < 0.8 for pair in texts),
        "asked_again": sum(attempts > 1 for _, attempts in found.values()),
        "loops": sum(loops(text) and not loops(wanted) for text, wanted in texts),
    }


def main(gpu: str, weights: str, folder: str, seconds: str, out: str, *names: str) -> None:
    """Read with as many configurations as the time allows."""
    options = VllmOptions(find_model("pocket"), find_gpu(gpu))
    logs = Path(out).with_suffix(".logs")
    logs.mkdir(parents=True, exist_ok=True)
    command = f"python -m benchmarks.text_study {gpu} WEIGHTS FOLDER {' '.join(names)}"
    record = Record(Path(out), command, gpu, model=options.model.id)
    for name in within(float(seconds), NEEDED_S, names):
        chosen, log = configuration(name), logs / f"{name}.log"
        record.measure(name, texts, options, weights, chosen, Path(folder), log)


if __name__ == "__main__":
    if sys.argv[1:] and Path(sys.argv[1]).is_dir():
        pages, *runs = map(Path, sys.argv[1:])
        reports = [json.loads(run.read_text()) for run in runs]
        print(json.dumps(compare(json.loads((pages / TRUTH).read_text()), reports), indent=1))
    else:
        main(*sys.argv[1:])
