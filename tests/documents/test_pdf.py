import threading
import tracemalloc
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import Source, open_document
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.errors import DocumentError, PasswordNeeded
from tests.support.drawn_pages import make_pdf

GEOMETRY = Geometry(1540, 28)


def rendered(data: bytes, index: int = 0, password: str | None = None) -> Image.Image:
    with open_document(Source("a.pdf", data), password) as document:
        return document.render(index, GEOMETRY).image


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(image.convert("L")).getbbox()
    assert box is not None
    return box


def test_pages_are_drawn_to_exact_grid_sizes() -> None:
    assert rendered(make_pdf(size=(595.28, 841.89))).size == (1092, 1540)


def test_form_fields_and_annotations_are_drawn() -> None:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(300, 200))
    canvas.acroForm.textfield(value="FILLED", x=60, y=80, width=180, height=40, fontSize=24)
    canvas.showPage()
    canvas.save()
    left, top, right, bottom = ink(rendered(file.getvalue()))
    assert right - left > 300
    assert bottom - top > 80


def test_rotated_pages_stand_upright() -> None:
    lying = pdfium.PdfDocument(make_pdf())  # its text stands at the top left
    lying[0].set_rotation(90)
    file = BytesIO()
    lying.save(file)
    lying.close()
    image = rendered(file.getvalue())
    assert image.width > image.height
    left, top, *_ = ink(image)
    assert left > image.width * 3 / 4
    assert top < image.height / 4


def test_passwords() -> None:
    locked = make_pdf(encrypt=StandardEncryption("sesame", ownerPassword="other"))
    with pytest.raises(PasswordNeeded, match="--password"):
        rendered(locked)
    with pytest.raises(PasswordNeeded, match="password is wrong"):
        rendered(locked, password="guess")
    assert ink(rendered(locked, password="sesame"))


def test_a_truncated_pdf_gives_pages_or_a_sentence(tmp_path: Path) -> None:
    whole = make_pdf(pages=20)
    file = tmp_path / "cut.pdf"
    file.write_bytes(whole[: len(whole) // 10])
    with pytest.raises(DocumentError, match="damaged"):
        open_document(Source(str(file), file))


def test_a_pdf_without_pages() -> None:
    empty = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )
    with pytest.raises(DocumentError, match=r"a\.pdf (has no pages|is damaged)"):
        open_document(Source("a.pdf", empty))


def test_a_page_of_200_by_200_inches_costs_no_more_than_another() -> None:
    assert rendered(make_pdf(size=(14400, 14400))).size == (1540, 1540)


def test_a_pdf_whose_header_comes_late_is_read() -> None:
    assert ink(rendered(b"\n" * 300 + make_pdf()))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_pages(tmp_path: Path) -> None:
    def peak(pages: int) -> int:
        file = tmp_path / f"{pages}.pdf"
        file.write_bytes(make_pdf(pages=pages))
        tracemalloc.start()
        with open_document(Source(file.name, file)) as document:
            for index in range(0, pages, max(1, pages // 5)):
                document.render(index, GEOMETRY)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(5000) < 1.2 * peak(5) + 100_000


def test_threads_may_render_at_the_same_time() -> None:
    data = make_pdf(pages=12)
    expected = [rendered(data, index).tobytes() for index in range(12)]
    found: dict[int, bytes] = {}
    with open_document(Source("a.pdf", data)) as document:

        def render(index: int) -> None:
            found[index] = document.render(index, GEOMETRY).image.tobytes()

        threads = [threading.Thread(target=render, args=(index,)) for index in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [found[index] for index in range(12)] == expected
