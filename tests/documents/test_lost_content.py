"""A page that shows less than its file holds says so; a page that is really blank is silent."""

import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.lib.colors import white
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import Source, open_document, prepare
from lighton_ocr.documents.pages import Geometry, PageOptions
from tests.support.drawn_pages import make_pdf

CASES = Path(__file__).parents[1] / "cases"
OPTIONS = PageOptions(Geometry(1540, 28))


def warnings(data: bytes | Path) -> list[tuple[str, ...]]:
    """The warnings of each page."""
    with open_document(Source("a.pdf", data)) as document:
        return [prepare(document, index, OPTIONS).warnings for index in range(document.page_count)]


def drawn(*pages: Callable[[Canvas], object], compressed: int = 1) -> bytes:
    """A PDF; each page is a function that draws on a canvas."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(400, 800), pageCompression=compressed)
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def scan(canvas: Canvas) -> None:
    file = BytesIO()
    Image.effect_noise((400, 800), 90).save(file, "JPEG")
    file.seek(0)
    canvas.drawImage(ImageReader(file), 0, 0, 400, 800)


@pytest.mark.parametrize(
    ("case", "page", "fault"),
    [
        ("badcontent.pdf", 2, "content that cannot be decoded"),
        ("corruptimage.pdf", 2, "an image that cannot be decoded"),
    ],
)
def test_a_page_whose_content_is_lost(case: str, page: int, fault: str) -> None:
    found = warnings(CASES / case)
    (warning,) = found[page - 1]
    assert warning.startswith(f"Page {page} came out blank, although its file has {fault}")
    assert found[0] == found[2] == ()


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (0, "港口办公室星期一开放。所有船只必须在中午前登记。"),
        (1, "港の事務所は月曜日に開く。"),
    ],
)
def test_text_without_its_font_is_drawn_in_another_or_warned_of(index: int, text: str) -> None:
    with open_document(Source("a.pdf", CASES / "cjk.pdf")) as document:
        page = prepare(document, index, OPTIONS)
    if not page.pieces:  # this machine has no font with such letters
        (warning,) = page.warnings
        fault = f"although its file has the text '{text}'"
        assert warning.startswith(f"Page {index + 1} came out blank, {fault}")


@pytest.mark.parametrize("compressed", [0, 1])
def test_blank_pages_are_silent(compressed: int) -> None:
    def white_scan(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("L", (300, 600), 255)), 0, 0, 400, 800)

    def white_box(canvas: Canvas) -> None:
        canvas.setFillColor(white)
        canvas.rect(0, 0, 400, 800, fill=1, stroke=0)

    def spaces(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "   ")

    def nothing(canvas: Canvas) -> None:
        pass

    data = drawn(nothing, white_scan, white_box, spaces, compressed=compressed)
    assert warnings(data) == [()] * 4


def test_white_letters_on_white() -> None:
    def invisible(canvas: Canvas) -> None:
        canvas.setFillColor(white)
        canvas.drawString(72, 700, "the secret")

    assert "the text 'the secret'" in warnings(drawn(invisible))[0][0]


def test_an_image_is_lost_under_a_page_number() -> None:
    """Scans often carry a stamp: the page is not blank, and yet all is lost."""

    def stamped(canvas: Canvas) -> None:
        scan(canvas)
        canvas.drawString(300, 20, "ACME 000017")

    whole = drawn(stamped)
    assert warnings(whole) == [()]
    start = whole.index(b"stream", whole.index(b"/DCTDecode")) + 10
    damaged = whole[:start] + b"z" * 3000 + whole[start + 3000 :]
    assert warnings(damaged) == [("Page 1 lacks an image that cannot be decoded.",)]


def image_page(data: bytes, width: int, height: int, about: str) -> bytes:
    """A PDF whose page is one image of that many pixels."""
    page = pdfium.PdfDocument.new()
    page.new_page(400, 800)
    file = BytesIO()
    page.save(file)
    document = pikepdf.open(file)
    image = pikepdf.Stream(document, data)
    attributes = f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} {about} >>"
    for name, value in pikepdf.Object.parse(attributes.encode()).items():
        image[name] = value
    (leaf,) = document.pages
    leaf.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
    leaf.Contents = pikepdf.Stream(document, b"q 400 0 0 800 0 0 cm /I Do Q")
    whole = BytesIO()
    document.save(whole)
    return whole.getvalue()


def margined(mode: str) -> Image.Image:
    """Noise with a white margin, as scans have."""
    page = Image.new("L", (200, 400), 255)
    page.paste(Image.effect_noise((160, 360), 90), (20, 20))
    return page.convert(mode)


PIXELS = {
    "gray": ("L", "/ColorSpace /DeviceGray /BitsPerComponent 8"),
    "colour": ("RGB", "/ColorSpace /DeviceRGB /BitsPerComponent 8"),
    "print": ("CMYK", "/ColorSpace /DeviceCMYK /BitsPerComponent 8"),
    "bilevel": ("1", "/ColorSpace /DeviceGray /BitsPerComponent 1"),
    "stencil": ("1", "/ImageMask true /BitsPerComponent 1"),
}


@pytest.mark.parametrize("kind", PIXELS)
def test_an_image_whose_data_stop_too_early(kind: str) -> None:
    mode, about = PIXELS[kind]
    data = zlib.compress(margined(mode).tobytes())
    about += " /Filter /FlateDecode"
    assert warnings(image_page(data, 200, 400, about)) == [()]
    cut = warnings(image_page(data[: len(data) // 2], 200, 400, about))
    assert cut == [("Page 1 lacks the end of an image, whose data stop too early.",)]


@pytest.mark.parametrize(("bits", "space"), [(16, "/DeviceGray"), (4, "/DeviceGray")])
def test_an_image_is_whole_whatever_the_bits_of_its_pixels(bits: int, space: str) -> None:
    data = zlib.compress(b"\xff" * 100 * bits + b"\x0f" * (200 * 400 * bits // 8 - 100 * bits))
    about = f"/ColorSpace {space} /BitsPerComponent {bits} /Filter /FlateDecode"
    assert warnings(image_page(data, 200, 400, about)) == [()]


def test_a_photo_whose_data_stop_too_early() -> None:
    file = BytesIO()
    margined("L").save(file, "JPEG")
    about = "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode"
    data = file.getvalue()
    assert warnings(image_page(data + b"\0" * 4096, 200, 400, about)) == [()]
    cut = warnings(image_page(data[: len(data) // 2], 200, 400, about))
    assert cut == [("Page 1 lacks the end of an image, whose data stop too early.",)]


def test_content_in_a_part_of_the_page() -> None:
    """Programs that number or stamp pages wrap their content in a form XObject."""

    def wrapped(canvas: Canvas) -> None:
        canvas.beginForm("part")
        canvas.drawString(72, 700, "in a part of the page " * 3)
        canvas.endForm()
        canvas.doForm("part")

    whole = drawn(wrapped)
    assert warnings(whole) == [()]
    start = whole.index(b"stream", whole.index(b"/Form")) + 10
    damaged = whole[:start] + b"zzzz" + whole[start + 4 :]
    assert "content that cannot be decoded" in warnings(damaged)[0][0]


def test_ordinary_pages_are_silent(letter: Path) -> None:
    examples = letter.parent
    for name in ("letter.pdf", "invoice.pdf", "paper.pdf"):
        assert set(warnings(examples / name)) == {()}
    assert set(warnings(make_pdf(pages=2))) == {()}


def size(data: bytes | Path) -> tuple[tuple[int, int], tuple[float, float]]:
    with open_document(Source("a.pdf", data)) as document:
        page = document.render(0, OPTIONS.geometry)
    return page.image.size, page.size_pt


def test_a_page_that_is_smaller_than_its_scan_is_drawn_large() -> None:
    assert size(CASES / "tinypage.pdf")[0] == (1092, 1540)

    def fine_scan(canvas: Canvas) -> None:
        canvas.setPageSize((200, 300))
        canvas.drawImage(ImageReader(Image.new("L", (2000, 3000))), 0, 0, 200, 300)

    assert size(drawn(fine_scan))[0] == (1036, 1540)


def test_a_page_of_a_stamp_is_drawn_large() -> None:
    assert max(size(make_pdf(size=(60, 80)))[0]) == 1540


def test_the_unit_of_a_page_counts() -> None:
    assert size(CASES / "userunit.pdf") == ((1204, 1540), (612, 792))


def test_a_crop_box_outside_of_the_page_is_ignored() -> None:
    document = pdfium.PdfDocument(make_pdf())
    document[0].set_cropbox(1000, 1000, 1200, 1200)
    file = BytesIO()
    document.save(file)
    document.close()
    assert size(file.getvalue()) == size(make_pdf())


def test_a_damaged_stream_is_what_zlib_refuses() -> None:
    """The case's second page: proof that the file itself is what the test takes it for."""
    data = (CASES / "badcontent.pdf").read_bytes()
    start = data.index(b"stream\n", data.index(b"9 0 obj\n")) + 7
    with pytest.raises(zlib.error):
        zlib.decompress(data[start : start + 185])
