"""Pages of printed manuals, from Debian packages whose licences allow it.

FOLDER of `python -m benchmarks.quality_pages` holds the packages, unpacked: `apt-get download NAME`
and `dpkg-deb --extract`.
"""

import random
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pypdfium2
from benchmarks.quality_pages.page import Page, baseline, order, present

# Package, its PDF, and how many pages are taken.
MANUALS = (
    ("bzip2-doc", "usr/share/doc/bzip2/manual.pdf", 8),
    ("jflex", "usr/share/doc/jflex/manual.pdf", 8),
    ("elastix-doc", "usr/share/doc/elastix/manual.pdf", 8),
)
_PROSE = re.compile(r"[A-Za-z][A-Za-z ,'().-]{44,}")


def pages(folder: Path) -> Iterator[Page]:
    """Yield pages that hold enough prose for a test, in a fixed random order."""
    for package, path, count in MANUALS:
        with pypdfium2.PdfDocument(next((folder / package).glob(path))) as document:
            numbers = list(range(3, len(document)))
            random.Random(package).shuffle(numbers)
            found = (page for number in numbers if (page := _page(package, document, number)))
            for _, page in zip(range(count), found, strict=False):
                yield page


def _page(package: str, document: pypdfium2.PdfDocument, number: int) -> Page | None:
    text = document[number].get_textpage().get_text_bounded().replace("\r\n", "\n")
    if "\ufffe" in text:  # a word that is divided at the end of a line
        lines = [line for line in text.split("\n") if "\ufffe" not in line]
    else:
        lines = text.split("\n")
    prose = [line.strip() for line in lines if _PROSE.fullmatch(line.strip())]
    if len(prose) < 6:
        return None
    rng = random.Random(f"{package} {number}")
    one, two, three, four = (prose[index] for index in sorted(rng.sample(range(len(prose)), 4)))
    with pypdfium2.PdfDocument.new() as single:
        single.import_pages(document, [number])
        file = BytesIO()
        single.save(file)
    tests = (present(two), present(three), order(one, four), baseline())
    truth = text.replace("\ufffe\n", "").replace("\ufffe", "").strip() + "\n"
    return Page("manuals", f"{package}-{number + 1}", file.getvalue(), truth, tests)
