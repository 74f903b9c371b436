"""What a PDF holds besides its pages is not left out without a word."""

from io import BytesIO

import pikepdf
import pypdfium2 as pdfium
import pytest

from lighton_ocr.documents import Source, open_document, prepare
from lighton_ocr.documents.pages import Geometry, PageOptions
from tests.support.drawn_pages import make_pdf

OPTIONS = PageOptions(Geometry(308, 28))


def warnings(data: bytes) -> list[tuple[str, ...]]:
    with open_document(Source("a.pdf", data)) as document:
        return [prepare(document, index, OPTIONS).warnings for index in range(document.page_count)]


def with_attachments(*names: str) -> bytes:
    document = pdfium.PdfDocument(make_pdf(pages=2))
    for name in names:
        document.new_attachment(name).set_data(b"something")
    file = BytesIO()
    document.save(file)
    document.close()
    return file.getvalue()


def test_a_portfolio_names_the_documents_in_it() -> None:
    first, second = warnings(with_attachments("a.pdf", "b.PDF", "c.tif", "d.jpg", "data.xml"))
    assert first == (
        "The file holds 4 attached documents (a.pdf, b.PDF, c.tif, …): save and read them by "
        "themselves.",
    )
    assert second == ()


def annotated(kind: str, about: str = "", *, blank: bool = True, name: str = "") -> bytes:
    """Two pages; on the second hangs an annotation, with an attached file if that has a name."""
    document = pdfium.PdfDocument(make_pdf(pages=2))
    if blank:
        del document[1]
        document.new_page(300, 400)
    file = BytesIO()
    document.save(file)
    document.close()
    whole = pikepdf.open(file)
    place = f"<< /Type /Annot /Subtype /{kind} /Rect [50 50 90 90] {about} >>"
    annotation = whole.make_indirect(pikepdf.Object.parse(place.encode()))
    if name:
        attached = pikepdf.AttachedFileSpec(whole, b"something", filename=name)
        annotation.FS = attached.obj
    whole.pages[1].Annots = pikepdf.Array([annotation])
    file = BytesIO()
    whole.save(file)
    return file.getvalue()


@pytest.mark.parametrize("blank", [True, False])
def test_a_document_that_hangs_on_a_page(blank: bool) -> None:
    first, second = warnings(annotated("FileAttachment", blank=blank, name="notes.pdf"))
    assert first == ()
    assert second == ("Page 2 holds 1 attached document (notes.pdf): save and read it by itself.",)


def test_a_document_that_hangs_on_a_page_and_in_the_file_is_told_of_once() -> None:
    whole = pikepdf.open(BytesIO(annotated("FileAttachment", blank=False, name="notes.pdf")))
    whole.attachments["notes.pdf"] = pikepdf.AttachedFileSpec(whole, b"x", filename="notes.pdf")
    file = BytesIO()
    whole.save(file)
    first, second = warnings(file.getvalue())
    assert first == ("The file holds 1 attached document (notes.pdf): save and read it by itself.",)
    assert second == ()


@pytest.mark.parametrize(
    ("kind", "about", "name", "found"),
    [
        ("FileAttachment", "", "data.xml", "an attached file (data.xml)"),
        ("FileAttachment", "", "", "an attached file (without a name)"),
        ("Line", "/L [50 50 90 90]", "", "a drawing"),
        ("Stamp", "/Name /Approved", "", "a drawing"),
        ("Ink", "/InkList []", "", "a drawing"),
        ("Screen", "", "", "a video, a sound or a 3D model"),
        ("Sound", "", "", "a video, a sound or a 3D model"),
        ("RichMedia", "", "", "a video, a sound or a 3D model"),
    ],
)
def test_a_blank_page_says_what_hangs_on_it(kind: str, about: str, name: str, found: str) -> None:
    first, second = warnings(annotated(kind, about, name=name))
    assert first == ()
    (warning,) = second
    assert f"Page 2 came out blank, although its file has {found}" in warning
    assert warnings(annotated(kind, about, name=name, blank=False)) == [(), ()]


@pytest.mark.parametrize(
    ("kind", "about"),
    [("Link", "/Contents (a place)"), ("Popup", "/Contents (x)")],
)
def test_a_page_with_nothing_to_read_is_silent(kind: str, about: str) -> None:
    assert warnings(annotated(kind, about)) == [(), ()]


def test_an_invoice_with_data_is_silent() -> None:
    assert warnings(with_attachments("factur-x.xml")) == [(), ()]


def test_a_dynamic_form_says_so() -> None:
    """Its page says 'Please wait' to programs that do not know XFA."""
    whole = make_pdf()
    form = b"/AcroForm << /Fields [] /XFA (x) >> /NeedsRendering true /Type /Catalog"
    (first,) = warnings(whole.replace(b"/Type /Catalog", form))
    assert "dynamic form (XFA)" in first[0]
