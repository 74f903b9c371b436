"""Join words that the end of a line divides, where the document itself says that they are one.

`exam-` at the end of a line and `ple` on the next one become `example` if that word stands whole
elsewhere in the document, and `exam-ple` nowhere.
"""

import re
from collections.abc import Iterable, Sequence

from lighton_ocr.formats.moved_places import with_moved_blocks, with_moved_checks
from lighton_ocr.reading.results import PageResult

_HYPHENS = r"\-\u2010"
_WORD = re.compile(rf"(?<!\w)[^\W\d_]+(?:[{_HYPHENS}][^\W\d_]+)*(?!\w)")
# What has its hyphens as they are comes first: code, formulas, addresses, tags.
_DIVIDED = re.compile(
    rf"""
    ^\ {{0,3}}(?P<fence>```+|~~~+).*?(?:^\ {{0,3}}(?P=fence)[^\n]*$|\Z)
    | (?P<ticks>`+)[^`].*?(?P=ticks)(?!`)
    | \$\$.+?\$\$ | \$(?=\S)[^$\n]+?(?<=\S)\$ | \\\[.+?\\\] | \\\(.+?\\\)
    | </?[a-zA-Z!][^<>]*> | (?<=\])\([^)\n]*\) | \b(?:[a-z]+://|www\.)\S+
    | (?<![\w{_HYPHENS}/@.\\])(?P<left>[^\W\d_]+)
      (?P<gap>[{_HYPHENS}](?:[ ]|[ ]?\n[ ]*))
      (?P<right>[^\W\d_]+)(?![\w{_HYPHENS}/@]|\.\w)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


class Vocabulary:
    """The words of a document, whole and with hyphens, without regard to case."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._whole: set[str] = set()
        self._hyphenated: set[str] = set()
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Add the words of a page's Markdown."""
        for match in _WORD.finditer(text):
            word = match[0].casefold().replace("\u2010", "-")
            (self._hyphenated if "-" in word else self._whole).add(word)

    def is_one_word(self, left: str, right: str) -> bool:
        """Whether the document has both parts as one word, and never with a hyphen."""
        left, right = left.casefold(), right.casefold()
        return left + right in self._whole and f"{left}-{right}" not in self._hyphenated


def join_divided_words(pages: Sequence[PageResult]) -> tuple[PageResult, ...]:
    """Return the pages of a document with its divided words whole, in texts and blocks."""
    words = Vocabulary(page.text for page in pages)
    return tuple(join_words_of_page(page, words) for page in pages)


def join_words_of_page(page: PageResult, words: Vocabulary) -> PageResult:
    """Return a page with its divided words whole; `words` are those of its document.

    Code, formulas, addresses, and words with digits stay as they are.
    """
    gaps = [
        match.span("gap")
        for match in _DIVIDED.finditer(page.text)
        if match["gap"] and _is_divided(match["left"], match["right"], words)
    ]
    if not gaps:
        return page

    def moved(place: int) -> int:
        return place - sum(min(end, place) - start for start, end in gaps if start < place)

    text = page.text
    for start, end in reversed(gaps):
        text = text[:start] + text[end:]
    return with_moved_checks(with_moved_blocks(page, text, moved), moved)


def _is_divided(left: str, right: str, words: Vocabulary) -> bool:
    """Whether both parts are of one word; one that begins with a capital begins another."""
    is_shouted = len(left) > 1 and left.isupper() and right.isupper()
    return (is_shouted or right.islower()) and words.is_one_word(left, right)
