"""How close a reading is to the truth: words, characters, table cells, loops."""

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence

# Only the tags that readers write: a `<` of the page's own must not swallow what follows.
_TAG = r"</?(?:table|thead|tbody|tr|t[hd]|caption|br|su[bp]|[biu])(?: [^<>\n]*)?/?>"
_MARKUP = re.compile(rf"{_TAG}|!\[[^\]\n]*\]\([^)\n]*\)|^#+ |^```\w*$|\*\*|^\s*[-•–] ", re.M)
_INLINE = re.compile(r"\$\$?([^$\n]{1,200}?)\$\$?")
_TEX = re.compile(r"\\(?:left|right|tag|frac|sqrt|mathbb|hat|bar|vec|tilde)\b|[\\{}^_]")
_LIGATURES = str.maketrans(
    {"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "’": "'", "‘": "'"}
)
_BARE = re.compile(r"[^\W_]+")
_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "...", "\u00ad": ""}
)


def plain(markdown: str) -> str:
    """Text without markup, quotes and dashes in their ASCII form, spaces single.

    Formulas lose TeX's signs, so that `$x_{1}$` is the x1 of a PDF's text layer, and rules of one
    sign their length, which nobody counts.
    """
    markdown = _INLINE.sub(lambda found: _TEX.sub("", found[1]), markdown)
    text = html.unescape(_MARKUP.sub(" ", markdown)).translate(_LIGATURES).translate(_QUOTES)
    text = re.sub(r"(?:\. ?){4,}", " ... ", text)
    return " ".join(re.sub(r"([^\w\s])\1{7,}", r"\1\1\1\1\1\1\1\1", text).split())


def overlap(found: Iterable[str], wanted: Iterable[str]) -> float:
    """F1 of two multisets; 1 when both are empty."""
    a, b = Counter(found), Counter(wanted)
    total = sum(a.values()) + sum(b.values())
    return 2 * sum((a & b).values()) / total if total else 1.0


def word_f1(found: str, wanted: str) -> float:
    return overlap(plain(found).split(), plain(wanted).split())


def bare_word_f1(found: str, wanted: str) -> float:
    """The same of runs of letters and digits alone, as ISRI's tools take words (Rice, 1996).

    A PDF's text layer may say `[ selection ]` or, where underscores are rules, `s48 on load` for
    what stands on the page without spaces.
    """
    return overlap(_BARE.findall(plain(found)), _BARE.findall(plain(wanted)))


def wrong_words(found: str, wanted: str) -> int:
    """How many words of a page are wrong, missing or too many, signs included."""
    a, b = Counter(plain(found).split()), Counter(plain(wanted).split())
    return max((a - b).total(), (b - a).total())


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein's distance, by Myers' bit-parallel algorithm (1999) in Hyyrö's form (2003)."""
    if not a:
        return len(b)
    where: dict[str, int] = {}
    for index, item in enumerate(a):
        where[item] = where.get(item, 0) | 1 << index
    mask, top = (1 << len(a)) - 1, 1 << (len(a) - 1)
    plus, minus, distance = mask, 0, len(a)
    for item in b:
        match = where.get(item, 0)
        straight = (((match & plus) + plus) ^ plus) | match | minus
        up, down = minus | ~(straight | plus) & mask, plus & straight
        distance += bool(up & top) - bool(down & top)
        up, down = (up << 1 | 1) & mask, (down << 1) & mask
        plus, minus = down | ~(straight | up) & mask, up & straight
    return distance


def character_error_rate(found: str, wanted: str) -> float:
    """Edits over the length of the truth; reading order counts."""
    a, b = plain(found), plain(wanted)
    return edit_distance(a, b) / max(1, len(b))


def cells(markdown: str) -> list[str]:
    """The texts of all cells of all HTML tables, each with its table's and row's number."""
    out = []
    for number, table in enumerate(re.findall(r"(?s)<table>(.*?)(?:</table>|$)", markdown)):
        for row, content in enumerate(re.findall(r"(?s)<tr>(.*?)(?:</tr>|$)", table)):
            texts = re.findall(r"(?s)<t[hd][^>]*>(.*?)</t[hd]>", content)
            out += [f"{number}/{row}/{plain(text)}" for text in texts]
    return out


def cell_f1(found: str, wanted: str) -> float:
    return overlap(cells(found), cells(wanted))


def formulas(markdown: str) -> list[str]:
    """The displayed formulas, without what changes nothing on the page: spaces, sizes, tags."""
    found = re.findall(r"(?s)\$\$(.*?)\$\$", markdown)
    return [re.sub(r"\s|\\(?:left|right|tag\{[^}]*\})", "", tex) for tex in found]


def formula_scores(found: str, wanted: str) -> tuple[float, float]:
    """Share of the formulas read exactly, and the mean edit distance over their lengths.

    Each wanted formula is compared with the found one that is nearest to it.
    """
    read, truth = formulas(found), formulas(wanted)
    shares = [
        min([edit_distance(one, tex) / max(len(tex), 1) for one in read] or [1.0]) for tex in truth
    ]
    if not shares:
        return 1.0, 0.0
    return sum(share == 0 for share in shares) / len(shares), min(1.0, sum(shares) / len(shares))


def loops(markdown: str, length: int = 20) -> bool:
    """Whether a run of `length` words comes more than once."""
    words = plain(markdown).split()
    runs = [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]
    return len(set(runs)) < len(runs)
