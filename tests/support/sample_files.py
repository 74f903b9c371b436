"""The documents that examples in the docs read."""

import shutil
from pathlib import Path

import pypdfium2
from reportlab.pdfgen.canvas import Canvas

FIRST_PAGE = """\
Dear Mrs Lindqvist,
Thank you for your letter of 2 March and for the three boxes of
photographs that came with it. We have opened all of them. The
prints are in good condition, and most of the dates on the back
can still be read. The museum is open from Tuesday to Sunday,
and you are welcome at any time."""
SECOND_PAGE = """\
There is one thing that you could help us with. Eleven of the
pictures show the launch of a ferry, but none of them gives
her name. If your father ever spoke of that day, please let us
know what he said. Even a small detail would be welcome."""
SIZE = (460, 160)  # points; 1288 x 448 pixels, so that the engine resizes nothing


def make_sample_files(folder: Path) -> Path:
    """Fill a folder with report.pdf, document.png and scan.jpg, and return it.

    The report has two short pages and a blank one; the folder `archive` has copies of the report
    and the scan.
    """
    canvas = Canvas(str(folder / "report.pdf"), pagesize=SIZE)
    for text in (FIRST_PAGE, SECOND_PAGE, ""):  # short pages take a third of the time
        canvas.setFont("Helvetica", 12)
        for number, line in enumerate(text.splitlines()):
            canvas.drawString(24, 134 - 16 * number, line)
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
