"""Searchable PDF: a copy of the document with its text, invisible and in place.

OCRmyPDF adds the text, so that everything else in a PDF stays as it is. Pages that hold text, and
signed documents, are not changed.
"""

import logging
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from lighton_ocr._extras import missing
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.document import open_document
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.documents.pdf import PdfFile
from lighton_ocr.documents.sources import Source
from lighton_ocr.errors import DocumentError
from lighton_ocr.formats import Original
from lighton_ocr.formats.document_result import DocumentResult

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


def pages_to_read(original: Original, chosen: Sequence[int]) -> list[int]:
    """Return those of the pages (indices from 0) that need text; warn of those that do not.

    Raises:
        DocumentError: the file is encrypted.
    """
    from ocrmypdf.pdfinfo import PdfInfo
    from pikepdf import PasswordError, Pdf, PdfError

    from lighton_ocr.formats.pdf.known_texts import quiet

    file, on_warning = original.file, original.on_warning
    try:
        with quiet(), tempfile.TemporaryDirectory(prefix="lighton-ocr-") as folder:
            copy = Path(folder, "copy.pdf")  # as OCRmyPDF makes one: without protection, repaired
            with Pdf.open(file.path) as pdf:
                pdf.save(copy)
            info = PdfInfo(copy, check_pages=chosen)
    except PasswordError:
        raise _encrypted(file.name) from None
    except PdfError:  # an image, or damaged: it may be possible to read it
        return list(chosen)
    if info.has_signature:
        on_warning(_signed(file.name))
        return []
    with_text = {page.pageno for page in info.pages if page is not None and page.has_text}
    needed = [index for index in chosen if index not in with_text]
    if not needed:
        on_warning(_searchable(file.name))
    elif len(needed) < len(chosen):
        on_warning(
            f"{file.name}: {len(chosen) - len(needed):,} of {len(chosen):,} pages hold text "
            "already: they are not read and stay as they are."
        )
    return needed


def render(document: DocumentResult, original: Original) -> bytes:
    """Return the document's file as a PDF with the text of the pages that were read.

    Pages that hold text are left alone, as are signed documents. Words are put into their blocks
    where the model gave boxes.

    Raises:
        UsageError: OCRmyPDF is not installed.
        DocumentError: the file is encrypted, or damaged too much to be written again.
    """
    check_installed()
    from ocrmypdf import ExitCodeException
    from ocrmypdf.exceptions import DigitalSignatureError, EncryptedPdfError

    from lighton_ocr.formats.pdf.known_texts import KnownTexts, add_text
    from lighton_ocr.formats.pdf.ocr_engine import printed_text

    file, on_warning = original.file, original.on_warning
    texts = {page.page - 1: printed_text(page) for page in document.pages if page.text.strip()}
    known = KnownTexts(texts, lambda sentence: on_warning(f"{file.name}: {sentence}"))
    with tempfile.TemporaryDirectory(prefix="lighton-ocr-") as folder:
        source, result = _as_pdf(file, Path(folder)), Path(folder, "searchable.pdf")
        if not texts:
            return source.read_bytes()
        try:
            add_text(source, result, known)
        except DigitalSignatureError:
            on_warning(_signed(file.name))
            return source.read_bytes()
        except EncryptedPdfError:
            raise _encrypted(file.name) from None
        except ExitCodeException as error:
            raise DocumentError(f"{file.name} cannot be made searchable: {error}") from error
        if not known.was_asked:
            on_warning(_searchable(file.name))
            return source.read_bytes()
        return result.read_bytes()


def _signed(name: str) -> str:
    return f"{name} is signed, which added text would break: it stays as it is."


def _searchable(name: str) -> str:
    return f"{name} is already searchable: it stays as it is."


def _encrypted(name: str) -> DocumentError:
    return DocumentError(
        f"{name} is encrypted, and no text can be added to it. Save it without protection (qpdf "
        "--decrypt) and try again."
    )


def _as_pdf(file: DocumentFile, folder: Path) -> Path:
    """Return the path of the document as a PDF; an image becomes a page of its size."""
    import img2pdf

    logging.getLogger("img2pdf").addHandler(logging.NullHandler())
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
    try:
        path.write_bytes(
            img2pdf.convert(images, layout_fun=layout, rotation=img2pdf.Rotation.ifvalid)
        )
    except ValueError as error:  # more than 200 inches, or less than a twentieth
        raise DocumentError(f"{file.name} cannot become a page of a PDF: {error}") from error
    return path
