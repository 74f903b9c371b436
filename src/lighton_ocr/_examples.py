"""Documents to try things with: they come with the package."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
# An installed package carries the files inside itself, a checkout has them at its root.
_PLACES = (_PACKAGE / "examples", _PACKAGE.parents[1] / "examples")

LETTER = "letter.pdf"
INVOICE = "invoice.pdf"
PAPER = "paper.pdf"


def example(name: str) -> Path:
    """The path of LETTER, INVOICE or PAPER."""
    return next(place / name for place in _PLACES if (place / name).exists())
