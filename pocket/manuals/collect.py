"""Pages of printed manuals whose transcript is sure, for `pocket.drawing.reprint` to print again.

    python -m pocket.manuals.collect build/manual-packages build/pocket [HELD_OUT]

The first folder holds unpacked packages (`trained.txt` names and pins them). Written are
`build/pocket/manuals.jsonl`, a page a line, in a fixed random order of documents, and the documents
themselves in `build/pocket/manuals`. HELD_OUT is a folder of PDFs that readers are measured on
(packages of `measured.txt` and `final.txt`): pages that share their text are left out.
"""

import gc
import hashlib
import json
import random
import re
import sys
from collections.abc import Iterator
from itertools import chain
from multiprocessing import Pool
from pathlib import Path

import pypdfium2

from pocket.corpus import Source
from pocket.manuals.doubts import is_unclear
from pocket.manuals.files import content, documents
from pocket.manuals.lines import page_lines
from pocket.manuals.pictures import look
from pocket.manuals.transcript import transcript

PAGES_OF_ONE = 60
# A word, in the way of this check: small letters only, so that names and code do not count.
_WORD = re.compile(r"(?<![\w\\@-])[a-zà-ÿ]{3,}(?![\w@(])")
_SHINGLE = 8
# Code whose letters stand apart, as `l i s t i n g s` sets it, and index lines that ran together.
_MANGLED = re.compile(
    r"(?m)\\ [a-z]{1,2}\b|\b[b-hj-z] [b-hj-z] [a-z]{1,2}\b|^[\d ]*\\ [a-z]"
    r"|\b[b-hj-z]{1,2} [a-z]{1,2} [b-hj-z] [b-z]\b|```\n\n\.\.\. |\. \d+[\d, ]* \\\w"
)


def pages(path: Path, vocabulary: frozenset[str], held_out: frozenset[int]) -> Iterator[dict]:  # type: ignore[type-arg]
    """Sure pages of one file: their number from 0, size in points and transcript."""
    with pypdfium2.PdfDocument(content(path)) as document:
        numbers = list(range(len(document)))
        random.Random(path.name).shuffle(numbers)
        found = refused = 0
        for number in numbers:
            if found >= PAGES_OF_ONE or refused > 25 + 2 * found:
                return
            page = document[number]
            text = _sure(page, vocabulary)
            if text is None or _shared(text, held_out) > 0.15:
                refused += 1
                continue
            found += 1
            width, height = page.get_size()
            yield {"number": number, "width": width, "height": height, "text": text}


def transcribed(page: pypdfium2.PdfPage) -> str | None:
    """What a reader of the page should write; None where that is unsure."""
    seen = None if page.get_rotation() else look(page)
    if seen is None:
        return None
    lines = page_lines(page, seen.inside)
    if is_unclear(seen, lines, page_lines(page, seen.outside)):
        return None
    return transcript(lines, page.get_height(), seen.pictures)


def _sure(page: pypdfium2.PdfPage, vocabulary: frozenset[str]) -> str | None:
    text = transcribed(page)
    if text is None or len(text) < 150 or _MANGLED.search(text):
        return None
    words = _WORD.findall(text)
    known = sum(word in vocabulary for word in words)
    return text if len(words) >= 8 and known >= 0.75 * len(words) else None


def shingles(text: str) -> set[int]:
    """Hashes of every run of eight words, the same in all processes."""
    words = re.findall(r"\w+", text.lower())
    runs = (" ".join(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1))
    return {int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest()) for run in runs}


def _shared(text: str, held_out: frozenset[int]) -> float:
    own = shingles(text)
    return len(own & held_out) / len(own) if own else 0.0


def _texts_of(path: Path) -> Iterator[str]:
    with pypdfium2.PdfDocument(content(path)) as document:
        for page in document:
            yield page.get_textpage().get_text_bounded()


_held_out: frozenset[int] = frozenset()
_vocabulary: frozenset[str] = frozenset()


def _work(path: Path) -> tuple[Path, list[dict]]:  # type: ignore[type-arg]
    try:
        return path, list(pages(path, _vocabulary, _held_out))
    except (pypdfium2.PdfiumError, OSError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return path, []


def collect(root: Path, target: Path, held_out: Path | None) -> None:
    global _held_out, _vocabulary  # noqa: PLW0603 (set before the processes fork)
    paragraphs = Source.open(target).paragraphs
    _vocabulary = frozenset(word for text in paragraphs for word in _WORD.findall(text))
    if held_out:
        texts = chain.from_iterable(map(_texts_of, documents(held_out)))
        _held_out = frozenset(chain.from_iterable(map(shingles, texts)))
    files = documents(root)
    random.Random(0).shuffle(files)
    seen: set[str] = set()
    (target / "manuals").mkdir(exist_ok=True)
    # Half of all time went into looking for garbage among the millions of hashes.
    gc.freeze()
    with Pool() as workers, (target / "manuals.jsonl").open("w", encoding="utf8") as out:
        for number, (path, found) in enumerate(workers.imap(_work, files, chunksize=4)):
            new = [page for page in found if page["text"] not in seen]
            name = f"{number:05}.pdf"
            if new:
                (target / "manuals" / name).write_bytes(content(path))
            for page in new:
                seen.add(page["text"])
                record = {"file": name, "source": str(path.relative_to(root)), **page}
                out.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    collect(*map(Path, sys.argv[1:3]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
