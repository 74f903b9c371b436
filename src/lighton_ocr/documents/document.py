"""A document: a name, and pages that are rendered one at a time when they are wanted."""

from typing import Protocol, Self

from lighton_ocr.documents.image_file import ImageFile
from lighton_ocr.documents.pages import Geometry, PageImage
from lighton_ocr.documents.pdf import PdfFile
from lighton_ocr.documents.sources import Source
from lighton_ocr.errors import DocumentError


class Document(Protocol):
    """Anything made of pages. Rendering is safe from several threads; close it when done."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    @property
    def page_count(self) -> int:
        """How many pages it has, at least one."""

    def render(self, index: int, geometry: Geometry) -> PageImage:
        """The page of that index (from 0) as an image.

        Raises:
            PageError: the page is broken.
        """

    def text_layer(self, index: int) -> str:
        """The text that the file itself holds for a page, empty where it holds none."""

    def close(self) -> None:
        """Give back the file and what the renderer holds of it."""

    def __enter__(self) -> Self:
        """Enter a `with` block."""

    def __exit__(self, *_: object) -> None:
        """Close it."""


def open_document(source: Source, password: str | None = None) -> Document:
    """Open a PDF or an image, whatever its name says it is.

    Raises:
        PasswordNeeded: an encrypted PDF without the right password.
        DocumentError: neither a PDF nor an image, damaged, or without pages.
    """
    name = source.label
    head = source.head()
    # Adobe's readers accept a header anywhere in the first kilobyte, and so do scanners' PDFs.
    if b"%PDF-" in head:
        return PdfFile(name, source.content, password)
    picture = ImageFile.open(name, source.content)
    if picture is None:
        kind = "plain text" if _is_text(head) else "no format that can be read"
        raise DocumentError(
            f"{name} is neither a PDF nor an image: it holds {kind}. PDF, PNG, JPEG, WebP, TIFF "
            "and GIF can be read."
        )
    return picture


def _is_text(head: bytes) -> bool:
    return b"\0" not in head and all(byte >= 32 or byte in b"\t\n\r\f" for byte in head)
