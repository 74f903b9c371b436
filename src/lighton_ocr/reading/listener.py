"""What a reader tells while it reads; override what you need."""

from lighton_ocr.reading.attempts import Attempt


class PageListener:
    """Is told what happens to one page.

    With `live` set, text arrives token by token instead of in packets.
    """

    live: bool = False

    def on_text(self, page: int, text: str) -> None:
        """A piece of the text of a page (from 1) has arrived."""

    def on_retry(self, page: int, reason: str) -> None:
        """The text of this page so far is void: it is read again, for that reason."""

    def on_corrected(self, page: int, text: str) -> None:
        """This text takes the place of what has arrived: words were corrected (own_text)."""

    def on_attempt(self, page: int, attempt: Attempt) -> None:
        """A request for this page has ended."""
