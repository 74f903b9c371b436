"""A document: a name, and pages that are rendered one at a time, on demand."""

from typing import Protocol, Self

from lighton_ocr.documents.image_file import ImageFile
from lighton_ocr.documents.own_text import OwnText
from lighton_ocr.documents.pages import Geometry, PageImage
from lighton_ocr.documents.pdf import PdfFile
from lighton_ocr.documents.sources import FILE_TYPES, Source
from lighton_ocr.errors import DocumentError, PasswordNeeded, UnknownFormat

_LATEST_HEADER = 1 << 20  # bytes in front of a PDF's header
# How files begin that cannot be read, behind how many bytes, and what they are.
_Kinds = tuple[tuple[int, bytes | tuple[bytes, ...], str], ...]
_ARCHIVES: _Kinds = (
    (0, b"PK\x03\x04", "an Office document or an archive: save it as PDF, or unpack it"),
    (257, b"ustar", "an archive: unpack it"),
)
_OTHERS: _Kinds = (
    (4, (b"ftypavif", b"ftypavis"), "a damaged image: if it was downloaded, download it again"),
    (4, b"ftyp", "a HEIC photo or a video, which cannot be read: save a photo as JPEG"),
    (0, b"\xd0\xcf\x11\xe0", "an Office document or an e-mail: save it as PDF"),
    (0, (b"%!PS", b"AT&TFORM"), "a PostScript or DjVu file: convert it to PDF"),
)


class Document(Protocol):
    """Anything made of pages. Several threads may render at once; close it when done."""

    @property
    def name(self) -> str:
        """Its name in messages."""

    @property
    def page_count(self) -> int:
        """The number of pages, at least one."""

    def render(self, index: int, geometry: Geometry) -> PageImage:
        """Return the page of that index (from 0) as an image.

        Raises:
            PageError: the page is broken.
        """

    def text_layer(self, index: int) -> str:
        """Return the text that the file itself holds for a page, empty if it holds none."""

    def own_text(self, page: PageImage) -> OwnText:
        """Return the words that the file itself holds for a page that was rendered, if any."""

    def close(self) -> None:
        """Close the file and free the renderer's memory."""

    def __enter__(self) -> Self:
        """Enter a `with` block."""

    def __exit__(self, *_: object) -> None:
        """Close it."""


def open_document(source: Source, password: str | None = None) -> Document:
    """Open a PDF or an image; the file's first bytes decide, not its name.

    Raises:
        PasswordNeeded: an encrypted PDF without the right password.
        UnknownFormat: neither a PDF nor an image.
        DocumentError: damaged, or without pages.
    """
    name = source.label
    head = source.head()
    _refuse(name, head, _ARCHIVES)  # first: they may hold a PDF, and others beside it
    # Adobe's readers accept a header anywhere in the first kilobyte, and scanners rely on it.
    if b"%PDF-" in head:
        return PdfFile(name, source.data, password)
    image = ImageFile.open(name, source.data)
    if image is not None:
        return image
    # Mail gateways and web servers write more than that in front of a PDF.
    start = source.head(_LATEST_HEADER).find(b"%PDF-")
    if start > 0:
        try:
            return PdfFile(name, source.read()[start:], password)
        except PasswordNeeded:
            raise
        except DocumentError:
            pass  # a text about PDFs
    _refuse(name, head, _OTHERS)
    kind = "plain text" if _is_text(head) else "no format that can be read"
    raise UnknownFormat(
        f"{name} is neither a PDF nor an image: it holds {kind}. {FILE_TYPES} can be read: "
        "save it as one of these."
    )


def _refuse(name: str, head: bytes, kinds: _Kinds) -> None:
    for place, start, kind in kinds:
        if head.startswith(start, place):
            raise UnknownFormat(f"{name} is {kind}.")


def _is_text(head: bytes) -> bool:
    return b"\0" not in head and all(byte >= 32 or byte in b"\t\n\r\f" for byte in head)
