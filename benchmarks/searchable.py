"""Where words stand in searchable PDFs, against where they stood in the PDFs that were scanned.

    python benchmarks/searchable.py choose MANUALS WORK   # 100 pages of manuals, as scans
    python benchmarks/searchable.py read WORK             # the pocket model's readings
    python benchmarks/searchable.py judge WORK > benchmarks/results/searchable.json

MANUALS holds the unpacked Debian packages of PACKAGES. `choose` takes pages at random and draws
each as a gray image of 200 dpi. `judge` makes searchable PDFs of these images: of the manuals' own
text, in true boxes and on lines that are found, of the pocket model's text, and with Tesseract. It
asks `pdftotext -bbox` where each word stands before and after.
"""

import json
import random
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import img2pdf
import pikepdf
import pypdfium2

PACKAGES = (
    "bash-doc bzip2-doc coccinelle-doc dvdisaster-doc elastix-doc epix evolver-doc form-doc "
    "gnuplot-doc jflex libtasn1-doc menhir-doc ngspice-doc octave-doc python3-pyx-doc "
    "ruby-prawn-doc scheme48-doc speex-doc survex why3-doc-pdf toulbar2-doc texworks-help-en"
).split()
PAGES = 100
LEAST_PAGES, LEAST_WORDS = 10, 80
DPI = 200


def choose(manuals: Path, work: Path) -> None:
    """Write `born.pdf`, pages with text, and `scans.pdf`, their images."""
    work.mkdir(parents=True, exist_ok=True)
    shuffled = random.Random(26)
    files = sorted({path.resolve() for path in manuals.rglob("*.pdf")})
    pages = {file: shuffled.sample(range(n), n) for file in files if (n := _page_count(file)) >= LEAST_PAGES}
    born, images = pikepdf.Pdf.new(), []
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


if __name__ == "__main__":
    choose(Path(sys.argv[1]), Path(sys.argv[2]))
