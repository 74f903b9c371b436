"""Pages to send: rendered once, and encoded anew for every request so that none is like another."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from PIL import Image

from lighton_ocr.documents import Document, add_draft
from lighton_ocr.documents.pages import EncodedPage, Encoding, Geometry, PageImage, encode
from lighton_ocr.errors import UsageError

_MOST = 64  # pages kept as pictures; at 5 MB each this is what they cost in memory
_MARK_PX = 4  # pixels in a corner that tell copies apart


class PageSource:
    """Gives encoded pages, as many as are wanted, in the order of the documents, over and over.

    From the second round on, a few pixels in a corner count the round: servers keep what they made
    of a picture by its content, and would look faster than they are. Pages bring their file's own
    text along as when they are read.
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
        """Render the first 64 pages that are not blank, with their drafts if `drafted`.

        Raises:
            PageError: a page is broken.
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
        pages = list(islice(written, _MOST))
        if not pages:
            raise UsageError("All pages are blank: name a document with something to read.")
        return cls(pages, encoding)

    @property
    def distinct(self) -> int:
        """How many different pages there are."""
        return len(self._pages)

    @property
    def drafted(self) -> int:
        """How many of them bring a draft along."""
        return sum(bool(page.draft) for page in self._pages)

    def take(self, count: int) -> list[EncodedPage]:
        """The next pages, encoded."""
        numbers = range(self._given, self._given + count)
        self._given += count
        return [self._encoded(*reversed(divmod(number, self.distinct))) for number in numbers]

    def _encoded(self, index: int, turn: int) -> EncodedPage:
        page = self._pages[index]
        if turn > 0:
            page = replace(page, image=_marked(page.image, turn))
        return encode(page, self.encoding)


def _marked(image: Image.Image, turn: int) -> Image.Image:
    """A copy whose first pixels hold the number, one bit each in black or white."""
    copy = image.copy()
    for bit in range(16):
        shade = 255 if turn >> bit & 1 else 0
        colour = shade if copy.mode == "L" else (shade,) * 3
        left = bit * _MARK_PX
        copy.paste(colour, (left, 0, left + _MARK_PX, _MARK_PX))
    return copy
