"""A document that was read: its pages, and the formats in which it is written."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from lighton_ocr._text import close_code_fence
from lighton_ocr.formats import find_format, format_of
from lighton_ocr.formats.divided_words import join_divided_words
from lighton_ocr.formats.files import write_results
from lighton_ocr.formats.options import DEFAULT_OPTIONS
from lighton_ocr.reading.results import PageResult


@dataclass(frozen=True)
class DocumentResult:
    """A document's pages, in the order in which they were asked for.

    `page_count` counts all pages of the document, also those that were not asked for.
    """

    source: str
    pages: tuple[PageResult, ...] = field(repr=False)
    model: str
    endpoint: str
    page_count: int

    @property
    def markdown(self) -> str:
        """All pages as one Markdown text, with an empty line between pages."""
        texts = (close_code_fence(page.text.strip()) for page in join_divided_words(self.pages))
        return "\n\n".join(filter(None, texts)) + "\n"

    @property
    def html(self) -> str:
        """A web page that stands alone."""
        return find_format("html").render(self)

    @property
    def json(self) -> str:
        """One JSON object: every page with its attempts, tokens and warnings."""
        return find_format("json").render(self)

    @property
    def failed_pages(self) -> tuple[int, ...]:
        """The numbers of the pages that could not be read."""
        return tuple(page.page for page in self.pages if page.failed)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the document in the format that the path's suffix stands for.

        Figures that Markdown or JSON name are written beside it.

        Raises:
            UsageError: no format has that suffix.
            OutputError: the file cannot be written.
        """
        path = Path(path)
        write_results(self, path, format_of(path), DEFAULT_OPTIONS)
