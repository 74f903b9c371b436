"""python -m benchmarks.quality_pages FOLDER: write benchmarks/quality anew.

FOLDER holds the unpacked Debian packages that `manuals.py` names. It needs reportlab and typst.
"""

import json
import shutil
import sys
from pathlib import Path

from benchmarks.quality_pages import manuals, typeset, typst_pages
from benchmarks.quality_pages.page import Page
from benchmarks.quality_pages.scans import scans

TARGET = Path(__file__).parents[1] / "quality"


def main(packages: Path) -> None:
    """Write the PDFs, a file of tests for each category, and the truth as a candidate."""
    pages = [*typeset.pages(), *typst_pages.pages(), *manuals.pages(packages)]
    pages += scans(pages)
    for name in ("pdfs", "truth"):
        shutil.rmtree(TARGET / name, ignore_errors=True)
    for category in sorted({page.category for page in pages}):
        chosen = [page for page in pages if page.category == category]
        lines = [line for page in chosen for line in _write(page)]
        (TARGET / f"{category}.jsonl").write_text("".join(lines), "utf-8")
        print(f"{category}: {len(chosen)} pages, {len(lines)} tests")


def _write(page: Page) -> list[str]:
    """Write a page's files and return the lines of its tests."""
    pdf = f"{page.category}/{page.name}.pdf"
    for path, data in (
        (TARGET / "pdfs" / pdf, page.pdf),
        (TARGET / "truth" / f"{pdf.removesuffix('.pdf')}_pg1_repeat1.md", page.truth.encode()),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    rows = [
        {"pdf": pdf, "page": 1, "id": f"{page.category}/{page.name}/{number}", **test}
        for number, test in enumerate(page.tests, 1)
    ]
    return [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
