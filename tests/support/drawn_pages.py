"""Pages that tests draw: plain ones, long strips, columns, scans, and one that is an attack."""

from io import BytesIO

import pypdfium2
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import Source, open_document
from lighton_ocr.documents.pages import Geometry
from tests.support.examples import EXAMPLES

# A sentence of each language of LightOnOCR-1B, with the letters that English lacks.
PANGRAMS = (
    "The quick brown fox jumps over the lazy dog",
    "Voix ambiguë d’un cœur qui préfère les jattes de kiwis, où ça",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich",
    "El pingüino Wenceslao hizo kilómetros, ¿y el ñandú? ¡Qué frío!",
    "Quel vituperabile xenofobo zelante assaggia il whisky, perché è così",
    "Pa’s wijze lynx bezag vroom het fikse aquaduct, vóór één uur",
    "À noite, vovô Kowalsky vê o ímã cair no pé do pinguim; pão e ação",
    "Flygande bäckasiner söka hwila på mjuka tuvor",
    "Høj bly gom vandt fræk sexquiz på wc, ærø og æble",
)

LICENSE_LINES = [
    line.strip() for line in (EXAMPLES.parent / "LICENSE").read_text().splitlines()[15:180]
]
LINES_GEOMETRY = Geometry(1754, 2, enlarge=True)


# One sign that stands for ten thousand, twenty thousand times: 60 KB with a text of 0.8 GB.
_STREAMS = (
    b"BT /F 5 Tf 6 TL 20 780 Td " + (b"(" + b"a" * 100 + b") Tj T* ") * 200 + b"ET",
    b"1 begincodespacerange <00> <FF> endcodespacerange "
    b"1 beginbfchar <61> <" + b"0062" * 10_000 + b"> endbfchar",
)
_OBJECTS = b"".join(
    b"%d 0 obj\n%s\nendobj\n" % (number, body)
    for number, body in enumerate(
        (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
            b"/Resources << /Font << /F 6 0 R >> >> >>",
            *(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data) for data in _STREAMS),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 5 0 R >>",
        ),
        1,
    )
)
AMPLIFIED = b"%PDF-1.7\n" + _OBJECTS + b"trailer << /Root 1 0 R >>\n%%EOF\n"


def make_pdf(*, pages: int = 1, size: tuple[float, float] = (300, 400), **options: object) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=size, **options)
    for number in range(1, pages + 1):
        canvas.drawString(20, size[1] - 30, f"Page {number}")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def printed(width: float = 460, lines: list[str] = LICENSE_LINES) -> bytes:
    """Lines of type on one page, as high as it takes."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(width, 80 + 15 * len(lines)))
    text = canvas.beginText(40, 40 + 15 * len(lines))
    text.setFont("Times-Roman", 11, leading=15)
    for line in lines:
        text.textLine(line)
    canvas.drawText(text)
    canvas.save()
    return file.getvalue()


def columns_page(*columns: list[str]) -> Image.Image:
    file = BytesIO()
    canvas = Canvas(file, (600, 800))
    for number, lines in enumerate(columns):
        for row, line in enumerate(lines):
            canvas.drawString(50 + 270 * number, 740 - 14 * row, line)
    canvas.save()
    with open_document(Source("a.pdf", file.getvalue())) as document:
        return document.render(0, LINES_GEOMETRY).image


def scan(lines: tuple[str, ...] = PANGRAMS, width: int = 595) -> Image.Image:
    """Return the picture of a page with these lines, of 200 dpi."""
    file = BytesIO()
    canvas = Canvas(file, (width, 842))
    for row, line in enumerate(lines):
        canvas.drawString(60, 760 - 22 * row, line)
    canvas.save()
    page = pypdfium2.PdfDocument(file.getvalue())[0]
    image: Image.Image = page.render(scale=200 / 72, grayscale=True).to_pil()
    return image
