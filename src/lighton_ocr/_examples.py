"""The example documents that come with the package."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
# An installed package holds the files itself, a checkout has them at its root.
_PLACES = (_PACKAGE / "examples", _PACKAGE.parents[1] / "examples")

LETTER = "letter.pdf"
INVOICE = "invoice.pdf"
PAPER = "paper.pdf"


def example(name: str) -> Path:
    """Return the path of an example."""
    return next(place / name for place in _PLACES if (place / name).exists())
