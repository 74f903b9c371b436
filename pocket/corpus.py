"""Text to print: paragraphs out of Debian's documentation packages, and strings nobody can guess.

    python -m pocket.corpus build/packages build/pocket

The first folder holds the unpacked packages (`packages.txt` names and pins them). Written are
`text.txt`, a paragraph a line, and `code.txt`, blocks of code parted by form feeds.
"""

import gzip
import html
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pocket.entries import misspelt, unguessable

ALLOWED = frozenset(map(chr, range(32, 127))) | frozenset(
    "éèêëàâäáãåæçñóòôöõøœúùûüíìîïßÉÈÊËÀÂÄÁÃÅÆÇÑÓÒÔÖÕØŒÚÙÛÜÍÌÎÏ‘’“”–—…•€£§°±×«»©®¿¡·"
)
_SAME = str.maketrans(
    {"‐": "-", "‑": "-", "−": "-", "\u200b": "", "′": "'", "ﬁ": "fi", "ﬂ": "fl", "→": "->"}
)
_LOWER, _UPPER, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
_SIGNS = "!\"#$%&'()*+,-./:;<=>?@[]_{|}~éèàâäáãåæçñóôöõøúùûüíî–—‘’“”•…€£§°"

# Folder pattern and the most characters taken from it: no one manual may fill the corpus.
_SOURCES = (
    ("usr/share/doc/anarchism/**/*.html", 9e6),
    ("usr/share/doc/linux-doc-*/html/**/*.html", 8e6),
    ("usr/share/doc/postgresql-doc-*/html/**/*.html", 5e6),
    ("usr/share/doc/python3*/html/**/*.html", 4e6),
    ("usr/share/doc/git-doc/**/*.html", 1.5e6),
    ("usr/share/debian-reference/**/*.html", 1e6),
    ("usr/share/dictd/gcide.dict.dz", 14e6),
    ("usr/share/games/fortunes/*.u8", 2e6),
    *(
        (f"usr/share/libreoffice/help/{code}/**/*.html", 1.5e6)
        for code in "fr de es it nl pt sv da".split()
    ),
    ("usr/share/libreoffice/help/en-US/**/*.html", 2.5e6),
)


_SHORT = 60  # letters: less is a name, a heading or a cell


class Source:
    """Random text: consecutive sentences of the corpus, or noise that carries no language."""

    def __init__(self, paragraphs: list[str], snippets: list[str]) -> None:
        self.paragraphs, self.snippets = paragraphs, snippets

    @classmethod
    def open(cls, folder: Path) -> "Source":
        """The corpus that `collect` wrote."""
        text, code = (
            (folder / name).read_text(encoding="utf8") for name in ("text.txt", "code.txt")
        )
        return cls(text.splitlines(), code.split("\f"))

    def passage(self, rng: random.Random, length: int) -> list[str]:
        """About `length` characters of consecutive text, as words."""
        at, words, size = rng.randrange(len(self.paragraphs)), [], 0
        while True:
            new = self.paragraphs[at % len(self.paragraphs)].split()
            if not words and len(new) > 8 and rng.random() < 0.5:
                new = new[rng.randrange(len(new) // 2) :]
            for word in new:
                words.append(word)
                size += len(word) + 1
                if size >= length:
                    return words
            at += 1

    def words(self, rng: random.Random, length: int, noise: float = 0.08) -> list[str]:
        """Words to print: a passage, seldom noise, with numbers, codes and misspelt words in it."""
        if rng.random() < noise:
            return self.noise(rng, length)
        words = self.passage(rng, length)
        for _ in range(len(words) // 22 + (rng.random() < 0.3)):
            at = rng.randrange(len(words))
            if rng.random() < 0.6:
                words[at] = misspelt(rng, words[at])
            elif len(made := unguessable(rng)) < max(length, 8):
                words[at : at + 1] = made.split()
        return words

    def noise(self, rng: random.Random, length: int) -> list[str]:
        """Random characters and scrambled words: what can only be read, not guessed."""
        words: list[str] = []
        while sum(map(len, words)) + len(words) < length:
            words.extend(self._noise_word(rng).split())
        return words

    def _noise_word(self, rng: random.Random) -> str:
        kind = rng.random()
        if kind < 0.45:
            letters = rng.choice(
                (_LOWER, _LOWER, _UPPER, _DIGITS, _LOWER + _UPPER + _DIGITS + _SIGNS)
            )
            return "".join(rng.choices(letters, k=rng.randint(1, 8)))
        if kind < 0.55:
            return unguessable(rng)
        word = rng.choice(rng.choice(self.paragraphs).split() or ["a"])
        return rng.choice((word, word, word.capitalize(), word.upper(), word[::-1]))


class PrintedText(Source):
    """The corpus as it was printed: paragraph after paragraph from a random one on, in whole
    sentences, with no noise or mistakes."""

    def __init__(self, source: Source, rng: random.Random) -> None:
        super().__init__(source.paragraphs, source.snippets)
        self._next = rng.randrange(len(self.paragraphs))

    def words(self, rng: random.Random, length: int, noise: float = 0) -> list[str]:
        """The next paragraph up to the sentence that reaches `length`; names and cells are cut."""
        if length < _SHORT:
            return self.passage(rng, length)
        words, size = [], 0
        paragraph = self.paragraphs[self._next % len(self.paragraphs)]
        self._next += 1
        for word in paragraph.split():
            words.append(word)
            size += len(word) + 1
            if size >= length and word.endswith((".", "?", "!")):
                break
        return words


def clean(text: str) -> str:
    """One line of characters that the fonts hold; empty if too much had to go."""
    text = html.unescape(text).translate(_SAME)
    text = re.sub(r"\s+", " ", text).strip()
    kept = "".join(c for c in text if c in ALLOWED)
    return kept if len(kept) >= 0.98 * len(text) else ""


def paragraphs(content: str, is_html: bool) -> Iterator[str]:
    """The paragraphs of a page of HTML or plain text, of 25 to 1,500 characters, mostly letters."""
    if is_html:
        content = re.sub(r"(?si)<(script|style|head|nav|pre)\b.*?</\1>", " ", content)
        content = re.sub(
            r"(?i)</?(p|div|li|td|th|tr|h\d|dt|dd|br|ul|ol|table)\b[^>]*>", "\n\n", content
        )
        content = re.sub(r"<[^>]+>", "", content)
    for part in re.split(r"\n\s*\n", content):
        text = clean(part)
        if 25 <= len(text) <= 1500 and sum(map(str.isalpha, text)) >= 0.6 * len(text):
            yield text


def snippets(content: str) -> Iterator[str]:
    """The blocks of code of a page of HTML, tabs spread, lines cut at 110 characters."""
    for part in re.findall(r"(?is)<pre\b[^>]*>(.*?)</pre>", content):
        text = html.unescape(re.sub(r"<[^>]+>", "", part)).translate(_SAME).expandtabs(8)
        lines = ["".join(c for c in line if c in ALLOWED)[:110] for line in text.splitlines()]
        lines = [line.rstrip() for line in lines if line.strip()]
        if 1 <= len(lines) <= 200 and len(text) > 12:
            yield "\n".join(lines)


def collect(root: Path, target: Path) -> None:
    """Write paragraphs and code, each once, documents whole and in a fixed random order."""
    seen: set[str] = set()
    rng = random.Random(0)
    code: list[str] = []
    target.mkdir(parents=True, exist_ok=True)
    with (target / "text.txt").open("w", encoding="utf8") as out:
        for pattern, most in _SOURCES:
            files = sorted(root.glob(pattern))
            rng.shuffle(files)
            left = most
            for file in files:
                content = _content(file)
                marked = file.suffix == ".html"
                code += snippets(content) if marked and left > 0 else ()
                for text in paragraphs(content, marked):
                    if left > 0 and text not in seen:
                        seen.add(text)
                        out.write(text + "\n")
                        left -= len(text)
    (target / "code.txt").write_text("\f".join(dict.fromkeys(code)), encoding="utf8")


def _content(file: Path) -> str:
    with gzip.open(file) if file.suffix in {".gz", ".dz"} else file.open("rb") as opened:
        return opened.read().decode("utf8", "ignore")


if __name__ == "__main__":
    collect(Path(sys.argv[1]), Path(sys.argv[2]))
