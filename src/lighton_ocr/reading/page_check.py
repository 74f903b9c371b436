"""A page's text against the file's own, as far as the policy asks for it."""

from lighton_ocr.documents.pages import PreparedPage
from lighton_ocr.reading.attempts import ReadingPolicy
from lighton_ocr.reading.blocks import IMAGE_LINK, Block
from lighton_ocr.reading.own_text import (
    CheckedText,
    check_text,
    correct_blocks,
    correct_text,
    use_stored_text,
)
from lighton_ocr.reading.transcript import Transcript


def check_page(
    page: PreparedPage, transcript: Transcript, policy: ReadingPolicy
) -> CheckedText | None:
    """Compare the text to the file's own, and correct or replace it if that is asked for."""
    if policy.own_text == "off" or not page.own_text.words:
        return None
    if policy.own_text == "check":
        return check_text(transcript.text, page.own_text, transcript.unsure)
    checked = correct_text(transcript.text, page.own_text, transcript.unsure)
    stored = use_stored_text(checked, page.own_text) if transcript.doubt else None
    return stored or checked


def corrected(whole: Transcript, checked: CheckedText | None) -> tuple[str, tuple[Block, ...]]:
    """Return the text and the blocks that the model gave, both corrected."""
    if not checked or checked.text == whole.text:
        return whole.text, whole.blocks
    if checked.check.used:
        return checked.text, ()
    return checked.text, correct_blocks(whole.blocks, whole.text, checked)


def may_lack_figures(text: str, checked: CheckedText | None) -> bool:
    """Return whether words that the text lacks may be those in its figures."""
    return checked is not None and checked.check.missing > 0 and bool(IMAGE_LINK.search(text))
