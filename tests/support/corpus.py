"""Small documents, an endpoint with a different text for each page, and the files of a batch."""

import base64
import hashlib
import json
import sqlite3
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from starlette.responses import Response

from tests.support.scripted_endpoint import says

JOURNAL = ".lighton-ocr/journal.sqlite3"


def pdf(
    title: str, pages: int, size: tuple[float, float] = (60, 80), password: str | None = None
) -> bytes:
    """Return a PDF whose pages show the title and their number; `size` is in points."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=size, invariant=True, encrypt=password)
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica", 9)
        canvas.drawString(4, size[1] / 2, f"{title} {number}")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def make_corpus(folder: Path, documents: int, pages: int) -> Path:
    """Fill a folder with PDFs in subfolders, two of them with the same bytes, and return it."""
    for number in range(documents):
        path = folder / f"box{number % 3}" / f"file{number}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pdf(f"d{max(1, number)}", pages))  # 0 and 1 are the same
    return folder


def image_digest(body: dict[str, Any]) -> str:
    """Return the digest of the image in a request."""
    url = body["messages"][0]["content"][0]["image_url"]["url"]
    return hashlib.sha256(base64.b64decode(url.partition(",")[2])).hexdigest()


def text_of(image: str) -> str:
    """Return the text that the endpoint answers for the image of that digest."""
    return f"# {image[:8]}\n\nThe page says {image[8:24]} and {image[24:]}."


def answer_by_image(body: dict[str, Any]) -> Response:
    """Answer with the text of the request's image."""
    return says(text_of(image_digest(body)))(body)


def results(out: Path) -> dict[str, str]:
    """Return every Markdown result by its relative path."""
    return {str(path.relative_to(out)): path.read_text() for path in sorted(out.rglob("*.md"))}


def manifest(out: Path) -> dict[str, dict[str, Any]]:
    """Return the manifest's lines by source; no source may have two."""
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    found = {line["source"]: line for line in lines}
    assert len(found) == len(lines)
    return found


def journal(out: Path, query: str) -> list[tuple[Any, ...]]:
    """Return rows of an output's journal."""
    with sqlite3.connect(out / JOURNAL) as sql:
        rows = sql.execute(query).fetchall()
    sql.close()
    return rows
