"""The documents that examples in the docs read."""

import shutil
from pathlib import Path

import pypdfium2
from reportlab.pdfgen.canvas import Canvas

FIRST_PAGE = """\
Dear Mrs Lindqvist,
Thank you for your letter of 2 March and for the three boxes of
photographs that came with it. We have opened all of them. The
prints are in good condition, and most of the dates can be read."""
SECOND_PAGE = """\
There is one thing that you could help us with. Eleven of the
pictures show the launch of a ferry, but none gives her name."""
SIZE = (460, 90)  # points; 1288 x 252 pixels, so that the engine resizes nothing


def make_sample_files(folder: Path) -> Path:
    """Fill a folder with report.pdf, document.png and scan.jpg, and return it.

    The report has two short pages and a blank one; the folder `archive` has copies of the report
    and the scan.
    """
    canvas = Canvas(str(folder / "report.pdf"), pagesize=SIZE)
    for text in (FIRST_PAGE, SECOND_PAGE, ""):  # short pages are read fast
        canvas.setFont("Helvetica", 12)
        for number, line in enumerate(text.splitlines()):
            canvas.drawString(24, 65 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    with pypdfium2.PdfDocument(folder / "report.pdf") as document:
        image = document[0].render(scale=2.8).to_pil()
    image.save(folder / "document.png")
    image.save(folder / "scan.jpg", quality=95)
    (folder / "archive").mkdir()
    for name in ("report.pdf", "scan.jpg"):
        shutil.copy(folder / name, folder / "archive")
    return folder
