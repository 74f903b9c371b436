"""Compare the pocket model's texts under vLLM's options: do faster ones change what is read?

    python -m benchmarks.text_study H200 WEIGHTS FOLDER SECONDS OUT.json NAME…
    python -m benchmarks.text_study OUT.json > benchmarks/results/texts-h200.json

WEIGHTS is the folder of the pocket model's restored checkpoint, FOLDER contains pages as images or
PDFs, and NAME is as in `gpu_study.py`. The first form stores the texts, read at temperature 0; the
second compares them with those of the first configuration. Batches differ from run to run, and with
them the last bits of numbers: each configuration reads twice, to show what that alone changes.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import fmean
from typing import Any

import httpx2
from benchmarks.vllm_study.configurations import Configuration, configuration
from benchmarks.vllm_study.record import Record, Row, within
from benchmarks.vllm_study.server import errors, servers, wait_for

from lighton_ocr.bench.server_metrics import parse
from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.documents import Document, load_source, open_document
from lighton_ocr.engines.remote import connect
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.reading.reader import Reader

NEEDED_S = 75  # for a configuration
IN_FLIGHT = 64


def texts(
    options: VllmOptions, weights: str, chosen: Configuration, folder: Path, log: Path
) -> Row:
    """Read every page of the folder twice; texts are stored by file and page."""
    try:
        with servers(options, weights, chosen, log) as started:
            wait_for(started)
            files = sorted(folder.iterdir())
            url = started[0][1]
            row: Row = {key: asyncio.run(_read(url, files)) for key in ("texts", "again")}
            return row | {"drafts": _drafts(url)}
    except Exception as error:
        return {"fault": repr(error)[-3000:], "errors": errors(log)}


async def _read(url: str, files: list[Path]) -> dict[str, str]:
    async def pages() -> AsyncIterator[tuple[Document, int]]:
        for file in files:
            document = open_document(load_source(str(file)))
            for index in range(document.page_count):
                yield document, index

    async with Reader(connect(url), concurrency=IN_FLIGHT) as reader:
        return {
            f"{document.name} {result.page}": result.text
            async for document, result in reader.read_pages(pages())
        }


def _drafts(url: str) -> dict[str, float]:
    """Count the steps with draft tokens, and the draft tokens that were accepted."""
    text = httpx2.get(url.removesuffix("/v1") + "/metrics").text
    found = parse(text, at=0.0)
    return {"steps": found.draft_steps, "accepted": found.accepted_tokens}


def compare(report: dict[str, Any]) -> dict[str, Any]:
    """Replace the texts of a report by how they differ from those of its first row."""
    from rapidfuzz.distance import Levenshtein

    read = {
        name + addition: row[key]
        for name, row in report["rows"].items()
        for key, addition in (("texts", ""), ("again", ", again"))
        if key in row
    }
    first = next(iter(read.values()))
    compared = {}
    for name, found in read.items():
        distances = [Levenshtein.normalized_distance(first[page], found[page]) for page in first]
        row = report["rows"].get(name, {})
        compared[name] = {"drafts": row["drafts"]} if "drafts" in row else {}
        compared[name] |= {
            "pages": len(distances),
            "the_same": sum(distance == 0 for distance in distances),
            "characters_changed": round(fmean(distances), 5),
            "pages_changed_by_more_than_a_tenth": sum(distance > 0.1 for distance in distances),
        }
    return report | {"rows": compared}


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
    if len(sys.argv) == 2:
        print(json.dumps(compare(json.loads(Path(sys.argv[1]).read_text())), indent=1))
    else:
        main(*sys.argv[1:])
