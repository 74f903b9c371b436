"""An invoice, how a model misread it, and texts of files as pdfium would give them."""

import random

from lighton_ocr.documents.own_text import Kind, OwnText, OwnWord

INVOICE = """Invoice 2026-0417 Northgate Paper Company Mr Sørensen, Copenhagen
Oak shelf, oiled 3 38.50 115.50
Brass hinge 12 4.75 57.00
Delivery to the harbour on Thursday morning, if the weather allows it.
Total 577.15"""
READ = """# Invoice 2026-0417

Northgate Paper Company
Mr Sarensen, Copenhagen

| Item | | | |
|---|---|---|---|
| Oak shell, oiled | 3 | 38.50 | 115.50 |
| Brass hinge | 12 | 4.75 | 57.00 |

Delivery to the harbour on Thursday morning, if the weather allows it.

**Total** $77.15
"""
LETTERS = random.Random(0)
PASSAGE = " ".join("".join(LETTERS.choices("abcdefgh", k=9)) for _ in range(120))


def own(text: str, kind: Kind = "drawn", *, on_pictures: bool = False) -> OwnText:
    """A layer with those words, each at a place of its own."""
    return OwnText(
        tuple(
            OwnWord(word, (n % 1000, 0, n % 1000 + 1, 9), 0, kind)
            for n, word in enumerate(text.split())
        ),
        on_pictures=on_pictures,
    )
