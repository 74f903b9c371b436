"""What reading gives: a `PageResult` for each page."""

from dataclasses import dataclass, field
from typing import Literal

from lighton_ocr.documents.boxes import Box
from lighton_ocr.reading.attempts import Attempt, Doubt
from lighton_ocr.reading.blocks import Block
from lighton_ocr.reading.own_text.check import OwnTextCheck

# stop: the model ended the page by itself; length: cut off at the token limit; loop: it repeated
# itself to the last attempt; timeout: the page's time was up; error: no text at all.
Finish = Literal["stop", "length", "loop", "timeout", "error"]


@dataclass(frozen=True)
class Figure:
    """The picture of a figure, cut out of the page's image.

    `number` counts the figures of its page from 1, and `name` is where it is linked: the name in
    the page's Markdown, or the path of a file. `box` is as in `Block`, `jpeg` the file in base64.
    """

    number: int
    name: str
    box: Box
    jpeg: str = field(repr=False)


@dataclass(frozen=True)
class PageResult:
    """One page as text.

    `page` counts from 1. `text` is Markdown as the model wrote it, empty for a blank page. `doubt`
    is what is still doubtful about it. `attempts` are all requests that were sent for the page.
    Token counts are the server's, of the answer that was kept, or of all sections of the page;
    `seconds` spans all attempts. `confidence` is how sure the model was of each token, as a
    probability from 0 to 1 (geometric mean); only the embedded engine reports it, and there is none
    for a page whose text is the file's own. `own_text` compares the text to the one that the file
    itself holds, None if there is none or it was not asked for. `blocks` and `figures` are empty
    unless boxes were asked for. `size_pt` is the page's width and height in points.
    """

    page: int
    text: str = field(repr=False)
    finish: Finish
    doubt: Doubt | None = None
    attempts: tuple[Attempt, ...] = field(default=(), repr=False)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    confidence: float | None = None
    own_text: OwnTextCheck | None = field(default=None, repr=False)
    blocks: tuple[Block, ...] = field(default=(), repr=False)
    figures: tuple[Figure, ...] = field(default=(), repr=False)
    size_pt: tuple[float, float] | None = None

    @property
    def failed(self) -> bool:
        """Whether there is no text because something went wrong."""
        return self.finish == "error"


def blank_page(
    page: int,
    warnings: tuple[str, ...] = (),
    size_pt: tuple[float, float] | None = None,
) -> PageResult:
    """Return the result of a blank page (from 1), which is not sent."""
    return PageResult(page, "", "stop", warnings=warnings, size_pt=size_pt)


def failed_page(
    page: int, message: str, attempts: tuple[Attempt, ...] = (), seconds: float = 0.0
) -> PageResult:
    """Return the result of a page (from 1) that could not be read."""
    return PageResult(page, "", "error", attempts=attempts, seconds=seconds, warnings=(message,))
