"""Pages to send: rendered once, and encoded again for each request so that no two are equal."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from PIL import Image

from lighton_ocr.documents import Document, add_draft
from lighton_ocr.documents.pages import EncodedPage, Encoding, Geometry, PageImage, encode
from lighton_ocr.errors import UsageError

_MAX_PAGES = 64  # kept as images, of 5 MB each
_MARK_PX = 4  # side of a square that is one bit of a copy's number


class PageSource:
    """Gives any number of encoded pages, in the order of the documents, over and over.

    From the second round on, a few pixels in a corner contain the round's number: servers cache
    images by their content, and would seem faster than they are. Pages have drafts as in `read`.
    """

    def __init__(self, pages: Sequence[PageImage], encoding: Encoding) -> None:
        self._pages = pages
        self.encoding = encoding
        self._given = 0

    @classmethod
    def render(
        cls,
        documents: Iterable[Document],
        geometry: Geometry,
        encoding: Encoding,
        *,
        drafted: bool = True,
    ) -> "PageSource":
        """Render the first 64 pages that are not blank, with drafts if `drafted`.

        Raises:
            PageError: a page cannot be rendered.
            UsageError: every page is blank.
        """
        rendered = (
            (document.render(index, geometry), document)
            for document in documents
            for index in range(document.page_count)
        )
        written = (
            add_draft(page, document) if drafted else page
            for page, document in rendered
            if not page.is_blank
        )
        pages = list(islice(written, _MAX_PAGES))
        if not pages:
            raise UsageError("All pages are blank. Name a document that contains text.")
        return cls(pages, encoding)

    @property
    def distinct(self) -> int:
        """How many different pages there are."""
        return len(self._pages)

    @property
    def drafted(self) -> int:
        """How many of them have a draft."""
        return sum(bool(page.draft) for page in self._pages)

    def take(self, count: int) -> list[EncodedPage]:
        """Return the next pages, encoded."""
        numbers = range(self._given, self._given + count)
        self._given += count
        return [self._encoded(*reversed(divmod(number, self.distinct))) for number in numbers]

    def _encoded(self, index: int, turn: int) -> EncodedPage:
        page = self._pages[index]
        if turn > 0:
            page = replace(page, image=_marked(page.image, turn))
        return encode(page, self.encoding)


def _marked(image: Image.Image, turn: int) -> Image.Image:
    """Return a copy with the number in its top left corner: one bit per square, black or white."""
    copy = image.copy()
    for bit in range(16):
        shade = 255 if turn >> bit & 1 else 0
        colour = shade if copy.mode == "L" else (shade,) * 3
        left = bit * _MARK_PX
        copy.paste(colour, (left, 0, left + _MARK_PX, _MARK_PX))
    return copy
