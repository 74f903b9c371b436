"""Searchable PDF: the document itself, with its text where it stands, invisibly.

OCRmyPDF adds the text, so that everything else in a PDF stays as it is. Pages that hold text, and
signed documents, are left alone.
"""

import logging
import tempfile
from io import BytesIO
from pathlib import Path

from lighton_ocr._extras import missing
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.document import open_document
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.documents.pdf import PdfFile
from lighton_ocr.documents.sources import Source
from lighton_ocr.errors import DocumentError
from lighton_ocr.reading.results import DocumentResult

_FULL_SIZE = Geometry(edge=1 << 20, grid=1)
_JPEG = b"\xff\xd8\xff"


def check_installed() -> None:
    """Check that OCRmyPDF is installed.

    Raises:
        UsageError: it is not; the message says how to install it.
    """
    try:
        import ocrmypdf  # noqa: F401
    except ImportError:
        raise missing("OCRmyPDF is not installed, which makes PDFs searchable", "pdf") from None


def render(document: DocumentResult, file: DocumentFile) -> bytes:
    """Return the document's file as a PDF with the text of the pages that were read.

    Raises:
        UsageError: OCRmyPDF is not installed.
        DocumentError: the file is encrypted, or damaged too much to be written again.
    """
    check_installed()
    from ocrmypdf import ExitCodeException, ocr
    from ocrmypdf.exceptions import DigitalSignatureError, EncryptedPdfError

    from lighton_ocr.formats.pdf.readings import plugin_manager

    texts = {page.page - 1: page.text for page in document.pages if page.text.strip()}
    logging.getLogger("ocrmypdf").addHandler(logging.NullHandler())
    with tempfile.TemporaryDirectory(prefix="lighton-ocr-") as folder:
        source, result = _as_pdf(file, Path(folder)), Path(folder, "searchable.pdf")
        if not texts:
            return source.read_bytes()
        try:
            ocr(
                source,
                result,
                plugin_manager=plugin_manager(texts),
                mode="skip",
                pages=",".join(str(index + 1) for index in sorted(texts)),
                output_type="pdf",
                optimize=0,
                progress_bar=False,
            )
        except DigitalSignatureError:
            return source.read_bytes()
        except EncryptedPdfError:
            raise DocumentError(
                f"{file.name} is encrypted, and no text can be added to it. Save it without "
                "protection (qpdf --decrypt) and try again."
            ) from None
        except ExitCodeException as error:
            raise DocumentError(f"{file.name} cannot be made searchable: {error}") from error
        return result.read_bytes()


def _as_pdf(file: DocumentFile, folder: Path) -> Path:
    """Return the path of the document as a PDF; an image becomes a page of its size."""
    import img2pdf

    source = Source(file.name, file.path)
    with open_document(source, file.password) as document:
        if isinstance(document, PdfFile):
            return file.path
        images, size = [], (0.0, 0.0)
        for index in range(document.page_count):
            page = document.render(index, _FULL_SIZE)
            size = page.size_pt
            buffer = BytesIO()
            page.image.save(buffer, "PNG", dpi=(page.dpi, page.dpi))
            images.append(buffer.getvalue())
    if source.head(3) == _JPEG:
        images = [source.read()]
    layout = img2pdf.get_layout_fun(size) if len(images) == 1 else img2pdf.default_layout_fun
    path = folder / "images.pdf"
    path.write_bytes(img2pdf.convert(images, layout_fun=layout, rotation=img2pdf.Rotation.ifvalid))
    return path
