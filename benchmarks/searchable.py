"""Where words stand in searchable PDFs, against where they stood in the PDFs that were scanned.

    python benchmarks/searchable.py choose MANUALS WORK   # 100 pages of manuals, as scans
    python benchmarks/searchable.py read WORK             # the pocket model's readings
    python benchmarks/searchable.py judge WORK > benchmarks/results/searchable.json

MANUALS holds the unpacked Debian packages of PACKAGES; some compress their manuals, which `gunzip`
undoes. `choose` takes pages at random and draws each as a gray image of 200 dpi. `read` also runs
Tesseract; it may be stopped, and the pages that were read are judged. `judge` makes searchable PDFs
of the images: of the manuals' own text, in true boxes and on lines that are found, and of the
pocket model's text. It asks `pdftotext -bbox-layout` where each word stands before and after.
"""

import json
import os
import platform
import random
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import img2pdf
import pikepdf
import pypdfium2

from lighton_ocr.documents.boxes import ExactBox
from lighton_ocr.formats.pdf.known_texts import KnownTexts, add_text
from lighton_ocr.formats.pdf.ocr_engine import PrintedText
from lighton_ocr.reading.own_text.words import word_at

PACKAGES = (
    "bash-doc bzip2-doc coccinelle-doc dvdisaster-doc elastix-doc epix evolver-doc form-doc "
    "gnuplot-doc jflex libtasn1-doc menhir-doc ngspice-doc octave-doc python3-pyx-doc "
    "ruby-prawn-doc scheme48-doc speex-doc survex why3-doc-pdf toulbar2-doc texworks-help-en"
).split()
PAGES = 100
LEAST_PAGES, LEAST_WORDS = 10, 80
DPI = 200
_NO_XML = re.compile(r"<!DOCTYPE[^>]*>|[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NAMESPACE = ' xmlns="http://www.w3.org/1999/xhtml"'


@dataclass(frozen=True)
class Block:
    """A block of text on a page, and its words with their boxes, in 0 to 1000 of the page."""

    box: ExactBox
    words: list[tuple[str, ExactBox]]


def choose(manuals: Path, work: Path) -> None:
    """Write `born.pdf`, pages with text, and `scans.pdf`, their images."""
    work.mkdir(parents=True, exist_ok=True)
    shuffled = random.Random(26)
    files = sorted({path.resolve() for path in manuals.rglob("*.pdf")})
    pages = {
        file: shuffled.sample(range(n), n)
        for file in files
        if (n := _page_count(file)) >= LEAST_PAGES
    }
    born = pikepdf.Pdf.new()
    images: list[bytes] = []
    while len(images) < PAGES:
        for file, indices in pages.items():
            while indices and len(images) < PAGES:
                index = indices.pop()
                with pypdfium2.PdfDocument(file) as document:
                    page = document[index]
                    if len(page.get_textpage().get_text_bounded().split()) < LEAST_WORDS:
                        continue
                    images.append(_image(page))
                with pikepdf.open(file) as source:
                    born.pages.append(source.pages[index])
                break
    born.save(work / "born.pdf")
    (work / "scans.pdf").write_bytes(img2pdf.convert(images))


def _page_count(file: Path) -> int:
    with pypdfium2.PdfDocument(file) as document:
        return len(document)


def _image(page: pypdfium2.PdfPage) -> bytes:
    buffer = BytesIO()
    page.render(scale=DPI / 72, grayscale=True).to_pil().save(buffer, "PNG", dpi=(DPI, DPI))
    return buffer.getvalue()


def read(work: Path) -> None:
    """Write `readings.json`, what the pocket model reads, and `tesseract.pdf`."""
    scans = str(work / "scans.pdf")
    command = ["ocrmypdf", "--output-type", "pdf", "--optimize", "0", scans]
    subprocess.run([*command, str(work / "tesseract.pdf")], check=True)
    # Without a time limit that matters: other programs may be running.
    command = [sys.executable, "-m", "lighton_ocr", "read", scans, "--page-timeout", "3600"]
    subprocess.run([*command, "-o", str(work / "readings.json")], check=True)


def judge(work: Path) -> None:
    """Make the searchable PDFs and print how many words stand where they stood."""
    reading = json.loads((work / "readings.json").read_text())
    pocket = {page["page"] - 1: PrintedText(page["text"]) for page in reading["pages"]}
    born = _pages(work / "born.pdf")
    truth = {index: born[index] for index in sorted(pocket)}
    true_boxes = {
        index: PrintedText("boxes", tuple((block.box, _verbatim([block])) for block in page))
        for index, page in truth.items()
    }
    true_text = {index: PrintedText(_verbatim(page)) for index, page in truth.items()}
    results = {
        "true text in true boxes": _place(work, truth, true_boxes),
        "true text on found lines": _place(work, truth, true_text),
        "pocket model on found lines": _place(work, truth, pocket),
        "Tesseract": _compare(truth, work / "tesseract.pdf"),
    }
    print(
        json.dumps(
            {
                "date": f"{datetime.now(UTC):%Y-%m-%d}",
                "command": "python benchmarks/searchable.py judge WORK",
                "machine": f"{platform.machine()}, {os.cpu_count()} threads, {platform.system()}",
                "ocrmypdf": version("ocrmypdf"),
                "tesseract": _tesseract_version(),
                "packages": list(PACKAGES),
                "pages": len(truth),
                "words": sum(len(_cores(page)) for page in truth.values()),
                "results": results,
            },
            indent=2,
        )
    )


def _place(
    work: Path, truth: dict[int, list[Block]], texts: dict[int, PrintedText]
) -> dict[str, float | int]:
    unplaced: list[str] = []
    result = work / "searchable.pdf"
    add_text(work / "scans.pdf", result, KnownTexts(texts, unplaced.append))
    return _compare(truth, result) | {
        "pages_without_places": len(unplaced),
        "bytes_a_page": (result.stat().st_size - (work / "scans.pdf").stat().st_size) // len(texts),
    }


def _compare(truth: dict[int, list[Block]], pdf: Path) -> dict[str, float | int]:
    """Return the shares of words that are found in place, and anywhere on their pages."""
    pages = _pages(pdf)
    found = [_found(_cores(page), _cores(pages[index])) for index, page in truth.items()]
    words = sum(len(_cores(page)) for page in truth.values())
    return {
        "in_place": round(sum(place for place, _ in found) / words, 4),
        "on_page": round(sum(page for _, page in found) / words, 4),
    }


def _pages(pdf: Path) -> list[list[Block]]:
    """Return the blocks of each page, as `pdftotext` tells them apart."""
    command = ["pdftotext", "-bbox-layout", str(pdf), "-"]
    html = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    root = ElementTree.fromstring(_NO_XML.sub("", html).replace(_NAMESPACE, ""))  # noqa: S314
    return [
        [
            Block(_box(block, page), [(w.text or "", _box(w, page)) for w in block.iter("word")])
            for block in page.iter("block")
        ]
        for page in root.iter("page")
    ]


def _box(element: ElementTree.Element, page: ElementTree.Element) -> ExactBox:
    width, height = float(page.attrib["width"]), float(page.attrib["height"])
    left, top, right, bottom = (
        float(element.attrib[name]) for name in ("xMin", "yMin", "xMax", "yMax")
    )
    return left * 1000 / width, top * 1000 / height, right * 1000 / width, bottom * 1000 / height


def _verbatim(blocks: list[Block]) -> str:
    """Return the blocks as Markdown that keeps every character, each a line."""
    lines = (" ".join(text for text, _ in block.words) for block in blocks)
    return "~~~~~~\n" + "\n".join(lines) + "\n~~~~~~\n"


def _cores(blocks: list[Block]) -> list[tuple[str, ExactBox]]:
    """Return the words that hold a letter or a digit, without punctuation at their edges."""
    words = ((word_at(text), box) for block in blocks for text, box in block.words)
    return [(word.key, box) for word, box in words if word]


def _found(truth: list[tuple[str, ExactBox]], words: list[tuple[str, ExactBox]]) -> tuple[int, int]:
    """Count the words that stand where they stood, and those that stand anywhere on the page.

    A word is in place if its middle is at most half the height of its line away, and it stands
    above or below some of where it stood.
    """
    boxes: dict[str, list[ExactBox]] = defaultdict(list)
    for key, box in words:
        boxes[key].append(box)
    on_page = sum((Counter(key for key, _ in truth) & Counter(key for key, _ in words)).values())
    in_place = 0
    for key, (left, top, right, bottom) in truth:
        for place in boxes[key]:
            apart = abs(place[1] + place[3] - top - bottom) / 2
            if apart <= (bottom - top) / 2 and place[0] < right and place[2] > left:
                boxes[key].remove(place)
                in_place += 1
                break
    return in_place, on_page


def _tesseract_version() -> str:
    command = ["tesseract", "--version"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]


if __name__ == "__main__":
    step, *folders = sys.argv[1:]
    if step == "choose":
        choose(*map(Path, folders))
    elif step == "read":
        read(*map(Path, folders))
    else:
        judge(*map(Path, folders))
