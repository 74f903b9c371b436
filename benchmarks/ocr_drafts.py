"""What another reader's text of a scan would give as a draft, with the pocket model as the target.

    python -m benchmarks.ocr_drafts choose MANUALS WORK   # pages of manuals, clean and worn
    python -m benchmarks.ocr_drafts read WORK READER      # one of READERS; resumes
    python -m benchmarks.ocr_drafts live WORK ADDRESS     # five pages through a real vLLM
    python -m benchmarks.ocr_drafts judge WORK > benchmarks/results/ocr-drafts.json

MANUALS holds the unpacked Debian packages of pocket/manuals/measured.txt, a folder each; one page
of each is drawn at 200 dpi. `judge` drafts as vLLM does, but without a model (ngram_drafts.py):
it knows which tokens the model wrote. `live` asks a vLLM that serves the pocket model and drafts as
many tokens, and counts both ways. `judge` counts in the pocket model's tokens, and in Qwen's, which
are those of the models for GPUs (from the package `dashscope`).
"""

import asyncio
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
from benchmarks.ngram_drafts import Counts, Prompts, count_steps, pocket_prompts, qwen_prompts
from PIL import Image

from lighton_ocr.catalog import find_model
from lighton_ocr.documents import Source, open_document, prepare
from lighton_ocr.documents.drafts import draft
from lighton_ocr.documents.pages import EncodedPage, Geometry, PageOptions
from lighton_ocr.endpoint import DRAFT_FIELD, Endpoint
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.engines.remote import connect
from lighton_ocr.engines.vllm.command import DRAFT_TOKENS
from lighton_ocr.reading.attempts import PageBudget
from lighton_ocr.reading.client import image_part
from lighton_ocr.reading.reader import Reader

PAGES = 32
DPI, GRID = 200, 28
LARGE_MODEL = Geometry(1540, GRID)
KINDS = ("clean", "worn")
# `small` is the page in the size in which the models for GPUs get it, which the client has anyway.
READERS = ("pocket", "tesseract", "tesseract-small", "rapidocr")
# Where the model's text is the target, what others read is the draft; `own_text` is the PDF's.
DRAFTS = ("tesseract", "tesseract-small", "rapidocr", "own_text", "none")
LIVE_PAGES, LIVE_TOKENS = 5, 400
_PER_POSITION = r'num_accepted_tokens_per_pos_total\{.*position="(\d)".*\} (\S+)'
Read = Callable[[Image.Image], str]


def choose(manuals: Path, work: Path) -> None:
    """Write each page as two images and its own text."""
    from pocket.manuals.files import content, documents
    from pocket.samples import Sample, manual_pages, scan

    work.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(manual_pages(manuals, PAGES)):
        package, place = sample.name.split(":")
        name, page = place.rsplit("#", 1)
        path = next(path for path in documents(manuals / package) if path.name == name)
        with open_document(Source("manual.pdf", content(path))) as document:
            own = document.text_layer(int(page) - 1)
            image = document.render(int(page) - 1, Geometry(DPI * 11, grid=1)).image.convert("L")
        (work / f"{number:02}.json").write_text(json.dumps({"name": sample.name, "own": own}))
        image.save(work / f"{number:02}-clean.png")
        scan(Sample(sample.name, "text", image, "")).image.save(work / f"{number:02}-worn.png")


def read(work: Path, reader: str) -> None:
    """Read the images that this reader has not read yet, a clean and a worn one in turn."""
    done = stored(work)
    with (work / "readings.jsonl").open("a") as file:

        def each(read: Read) -> None:
            for path in sorted(work.glob("*.png")):
                if (reader, path.stem) in done:
                    continue
                began = _cpu_seconds()
                text = read(Image.open(path))
                spent = round(_cpu_seconds() - began, 2)
                row = {"reader": reader, "page": path.stem, "text": text, "cpu_seconds": spent}
                file.write(json.dumps(row) + "\n")
                file.flush()

        if reader == "pocket":
            with EmbeddedEngine(find_model("pocket")) as endpoint:
                each(lambda image: asyncio.run(_ask(endpoint, image)))
        elif reader == "rapidocr":
            each(rapidocr())
        else:
            each(tesseract if reader == "tesseract" else lambda image: tesseract(_small(image)))


def _cpu_seconds() -> float:
    # Of this process and of its children that have ended: not of the pocket model's engine.
    return sum(os.times()[:4])


def stored(work: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the readings so far, by reader and page."""
    path = work / "readings.jsonl"
    rows = map(json.loads, path.read_text().splitlines()) if path.exists() else ()
    return {(row["reader"], row["page"]): row for row in rows}


async def _ask(endpoint: Any, image: Image.Image) -> str:
    # Without a time limit: other programs may be running.
    async with Reader(endpoint, budget=PageBudget(), own_text="off") as reader:
        with open_document(Source("page.png", _png(image))) as document:
            (result,) = [one async for one in reader.read(document)]
    return result.text


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", dpi=(DPI, DPI))
    return file.getvalue()


def tesseract(image: Image.Image) -> str:
    """Read with Tesseract's English model, on one core."""
    alone = os.environ | {"OMP_THREAD_LIMIT": "1"}
    command = ["tesseract", "stdin", "stdout", "-l", "eng"]
    run = subprocess.run(command, input=_png(image), capture_output=True, check=True, env=alone)
    return run.stdout.decode()


def _small(image: Image.Image) -> Image.Image:
    return image.resize(LARGE_MODEL.fit(*image.size), Image.Resampling.BICUBIC)


def rapidocr() -> Read:
    """Return RapidOCR as it installs itself, on one core."""
    from rapidocr import RapidOCR

    threads = {"intra_op_num_threads": 1, "inter_op_num_threads": 1}
    engine = RapidOCR(
        params={f"EngineConfig.onnxruntime.{name}": count for name, count in threads.items()}
    )
    return lambda image: "\n".join(engine(image.convert("RGB")).txts or ())


def judge(work: Path) -> dict[str, Any]:
    """Return all figures; a row counts the pages that both of its readers have read."""
    readings = stored(work)
    pages = [path.stem for path in sorted(work.glob("*.png"))]
    texts = {page: _texts(work, page, readings) for page in pages}
    vocabularies = {
        "pocket": (pocket_prompts(), Geometry(1288, GRID, enlarge=True)),
        "qwen": (qwen_prompts(), LARGE_MODEL),
    }
    live_rows = work / "live.json"
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": "python -m benchmarks.ocr_drafts judge WORK",
        "machine": f"{platform.machine()}, {os.cpu_count()} threads, {platform.system()}",
        "versions": {"rapidocr": version("rapidocr"), "tesseract": _tesseract_version()},
        "cpu_seconds_per_page": {reader: _cpu(readings, reader) for reader in READERS[1:]},
        "tokens": {
            vocabulary: {kind: _rows(work, kind, texts, *how) for kind in KINDS}
            for vocabulary, how in vocabularies.items()
        },
        "live": json.loads(live_rows.read_text()) if live_rows.exists() else [],
    }


def _cpu(readings: dict[tuple[str, str], dict[str, Any]], reader: str) -> float:
    spent: list[float] = [
        row["cpu_seconds"] for (name, _), row in readings.items() if name == reader
    ]
    return round(statistics.mean(spent), 2)


def live(work: Path, address: str) -> None:
    """Read five worn pages through vLLM, and count its accepted tokens beside our own count."""
    readings, prompts, endpoint = stored(work), pocket_prompts(), connect(address)
    rows = []
    for path in sorted(work.glob("*-worn.png"))[:: PAGES // LIVE_PAGES][:LIVE_PAGES]:
        with open_document(Source("page.png", path.read_bytes())) as document:
            (page,) = prepare(document, 0, PageOptions.of(endpoint)).pieces
        for source in ("tesseract", "own_text", "none"):
            text = draft(_texts(work, path.stem, readings)[source])
            before = _accepted(endpoint)
            answer = _answer(endpoint, page, text)
            accepted = [now - then for then, now in zip(before, _accepted(endpoint), strict=True)]
            tokens = answer["usage"]["completion_tokens"]
            # Without the end's token if the answer was as long as it may be.
            answered = prompts.answer(answer["choices"][0]["message"]["content"])[:tokens]
            counted = count_steps(prompts.prompt(text, _room(page.size)), answered, DRAFT_TOKENS)
            rows.append(
                {"page": path.stem, "draft": source, "tokens": tokens, "accepted": accepted}
                | {"counted_tokens": counted.tokens, "counted_accepted": counted.accepted}
            )
    (work / "live.json").write_text(json.dumps(rows))


def _answer(endpoint: Endpoint, page: EncodedPage, text: str) -> Any:
    extra = {"vllm_xargs": {DRAFT_FIELD: text}} if text else {}
    body = {
        "model": endpoint.served_name,
        "messages": [{"role": "user", "content": [image_part(page)]}],
        **{"temperature": 0, "max_tokens": LIVE_TOKENS},
    }
    url = f"{endpoint.base_url}/chat/completions"
    return httpx2.post(url, json=body | extra, timeout=600).raise_for_status().json()


def _accepted(endpoint: Endpoint) -> list[int]:
    """Return the draft tokens accepted since the server's start, by position."""
    text = httpx2.get(endpoint.root_url + "/metrics").text
    found = dict(re.findall(_PER_POSITION, text))
    return [int(float(found.get(str(position), 0))) for position in range(DRAFT_TOKENS)]


def _texts(
    work: Path, page: str, readings: dict[tuple[str, str], dict[str, Any]]
) -> dict[str, str]:
    own = json.loads((work / f"{page[:2]}.json").read_text())["own"]
    read = {
        reader: readings[reader, page]["text"] for reader in READERS if (reader, page) in readings
    }
    return read | {"own_text": own, "none": ""}


def _rows(
    work: Path,
    kind: str,
    texts: dict[str, dict[str, str]],
    prompts: Prompts,
    geometry: Geometry,
) -> dict[str, Any]:
    # Of each row: whose text is the draft, whose the target, and who else must have read the page.
    cases = {source: (source, "pocket", source) for source in DRAFTS}
    cases["tesseract, rapidocr's pages"] = ("tesseract", "pocket", "rapidocr")
    # The model's own text as a draft of itself would say nothing.
    cases["pocket for tesseract"] = ("pocket", "tesseract", "pocket")
    rows = {}
    for case, (source, target, other) in cases.items():
        total, pages = Counts(accepted=[0] * DRAFT_TOKENS), 0
        for name, page in texts.items():
            if name.endswith(kind) and {source, target, other} <= page.keys():
                answer = page[target] if target == "pocket" else draft(page[target])
                size = geometry.fit(*Image.open(work / f"{name}.png").size)
                prompt = prompts.prompt(draft(page[source]), _room(size))
                total += count_steps(prompt, prompts.answer(answer), DRAFT_TOKENS)
                pages += 1
        rows[case] = {
            "pages": pages,
            "rates": [round(rate, 3) for rate in total.rates],
            "tokens_per_step": round(total.tokens_per_step, 2),
            "tokens": total.tokens,
        }
    return rows


def _room(size: tuple[int, int]) -> int:
    return size[0] * size[1] // GRID**2  # the image's tokens


def _tesseract_version() -> str:
    run = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
    return run.stdout.split()[1]


if __name__ == "__main__":
    if sys.argv[1] == "choose":
        choose(Path(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1] == "read":
        read(Path(sys.argv[2]), sys.argv[3])
    elif sys.argv[1] == "live":
        live(Path(sys.argv[2]), sys.argv[3])
    else:
        print(json.dumps(judge(Path(sys.argv[2])), indent=2))
