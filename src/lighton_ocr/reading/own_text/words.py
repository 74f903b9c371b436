"""The words of a page's Markdown with their places, without markup, formulas and links' targets."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lighton_ocr.reading.own_text.check import has_digit

_FENCED = re.compile(r"(?ms)^ {0,3}(```+|~~~+)[^\n]*\n(?P<code>.*?)(?:^ {0,3}\1[^\n]*$|\Z)")
_MARKUP = re.compile(
    r"""
    (?P<formula>\$\$.+?\$\$ | \\\[.+?\\\] | \\\(.+?\\\)
      | \$(?=[^\s$])[^$<|\n]*[^\s$<|0-9]\$
      | \$(?=[^$<|\n]*[\\^_={])[^\s$][^$<|\n]*[^\s$<|]\$)
    | <!--.*?--> | </?(?:table|caption|colgroup|col|thead|tbody|tfoot|tr|t[hd]|su[bp]|br|div|p|span
      |img|center|b|i|u|em|strong)(?:\s[^<>]*)?/?>  # HTML; another word in brackets is printed
    | !\[[^\]]*\]\([^)]*\) | (?<=\])\([^)\s]*\)  # images, targets of links
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"[^\s|]+")
_SYMBOL = re.compile(r"\d+(?:[.,]\d+)*|(?<=\\)[a-zA-Z]+|[^\W\d_]")
_EDGES = "*_~`#>[](){}\"'“”‘’„«»‹›.,;:!?…·•\\"
_FOLDED = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\xad\u200b\u200c\u200d\u2060\ufeff\\"),
    }
)
_SPELLED = {ord(char): unicodedata.normalize("NFKC", char) for char in "ﬀﬁﬂﬃﬄﬅﬆ"}


@dataclass(frozen=True, slots=True)
class TextWord:
    """A word as it stands from `start` to `end`; words with the same `key` are the same word."""

    text: str
    start: int
    end: int
    key: str

    @property
    def is_number(self) -> bool:
        """Whether it holds a digit."""
        return has_digit(self.key)


def words_of(markdown: str) -> list[TextWord]:
    """Return the words in their order; each holds a letter or a digit."""
    return [
        word
        for start, end in _without_markup(markdown)
        for match in _WORD.finditer(markdown, start, end)
        if (word := word_at(match[0], match.start()))
    ]


def symbols_of(markdown: str) -> set[str]:
    """Return the letters and numbers that stand in formulas."""
    formulas = (match["formula"] or "" for match in _MARKUP.finditer(markdown))
    return {symbol for formula in formulas for symbol in _SYMBOL.findall(formula)}


def word_at(text: str, start: int = 0) -> TextWord | None:
    """Return what is left of a word without punctuation at its edges; None if nothing is."""
    core, key, skipped = _core(text)
    return TextWord(core, start + skipped, start + skipped + len(core), key) if core else None


@lru_cache(maxsize=4096)
def _core(text: str) -> tuple[str, str, int]:
    """Return the word within the punctuation, its key, and how many characters precede it."""
    core = text.lstrip(_EDGES)
    skipped = len(text) - len(core)
    core = core.rstrip(_EDGES)
    return (core, fold(core), skipped) if any(map(str.isalnum, core)) else ("", "", 0)


def spelled(text: str) -> str:
    """Return a file's word as a text has it, with ligatures spelled out."""
    return unicodedata.normalize("NFC", text.translate(_SPELLED))


def has_bad_letters(word: str) -> bool:
    """Whether it has characters that no text has: private, unknown, control, accents alone."""
    if word.isascii() and word.isprintable():
        return False
    return any(
        unicodedata.category(char) in ("Co", "Cn", "Cs", "Cc", "Cf", "Sk") or char == "\ufffd"
        for char in word
        if char < " " or char > "~"
    )


def has_accent(text: str) -> bool:
    """Whether it has Latin letters beyond ASCII, such as é, ø or ß."""
    return not text.isascii() and any(
        char > "~" and "LATIN" in unicodedata.name(char, "") for char in text
    )


def fold(text: str) -> str:
    """Return the text with ligatures spelled out, and with one kind of quote and of dash."""
    if text.isascii() and "\\" not in text and "`" not in text:
        return text
    return unicodedata.normalize("NFKC", text.translate(_FOLDED)).translate(_FOLDED)


def _without_markup(markdown: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of text between markup; code is text as it stands."""
    place = 0
    for fence in _FENCED.finditer(markdown):
        yield from _between(markdown, place, fence.start())
        yield fence.span("code")
        place = fence.end()
    yield from _between(markdown, place, len(markdown))


def _between(markdown: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for markup in _MARKUP.finditer(markdown, start, end):
        yield start, markup.start()
        start = markup.end()
    yield start, end
