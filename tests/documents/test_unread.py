"""What a PDF holds besides its pages is not left out without a word."""

from io import BytesIO

import pypdfium2 as pdfium

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


def test_an_invoice_with_data_is_silent() -> None:
    assert warnings(with_attachments("factur-x.xml")) == [(), ()]


def test_a_dynamic_form_says_so() -> None:
    """Its page says 'Please wait' to programs that do not know XFA."""
    whole = make_pdf()
    form = b"/AcroForm << /Fields [] /XFA (x) >> /NeedsRendering true /Type /Catalog"
    (first,) = warnings(whole.replace(b"/Type /Catalog", form))
    assert "dynamic form (XFA)" in first[0]
