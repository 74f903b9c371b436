"""What reading gives: one `PageResult` a page, gathered into a `DocumentResult`."""

from dataclasses import dataclass
from typing import Literal

from lighton_ocr._text import close_code_fence

# stop: the model ended by itself; length: cut off at the token limit; loop: it repeated itself
# until the last try; error: no text at all.
Finish = Literal["stop", "length", "loop", "error"]


@dataclass(frozen=True)
class PageResult:
    """One page as text.

    `page` counts from 1. `text` is Markdown as the model wrote it, empty for a blank page.
    `attempts` counts every request sent for the page. Token counts are the server's, of the try
    that was kept, or of all parts if it was read in parts; `seconds` spans all tries.
    `confidence` is how sure the model was of each token, as a probability from 0 to 1 (geometric
    mean); None where the engine does not say: only the embedded one does.
    """

    page: int
    text: str
    finish: Finish
    attempts: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    warnings: tuple[str, ...] = ()
    confidence: float | None = None

    @property
    def failed(self) -> bool:
        """Whether there is no text because something went wrong."""
        return self.finish == "error"


@dataclass(frozen=True)
class DocumentResult:
    """A document's pages as read, in the order they were asked for."""

    source: str
    pages: tuple[PageResult, ...]
    model: str
    endpoint: str

    @property
    def markdown(self) -> str:
        """All pages as one Markdown text, a blank line between pages."""
        texts = (close_code_fence(page.text.strip()) for page in self.pages)
        return "\n\n".join(filter(None, texts)) + "\n"

    @property
    def failed_pages(self) -> tuple[int, ...]:
        """The numbers of the pages that could not be read."""
        return tuple(page.page for page in self.pages if page.failed)


def blank_page(page: int) -> PageResult:
    """The reading of a page (from 1) with nothing on it, which was not sent."""
    return PageResult(page, "", "stop", 0, 0, 0, 0.0)


def failed_page(page: int, message: str, attempts: int = 0) -> PageResult:
    """The reading of a page (from 1) that could not be read."""
    return PageResult(page, "", "error", attempts, 0, 0, 0.0, (message,))
