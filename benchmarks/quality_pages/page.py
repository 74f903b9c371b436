"""One page of the data set: its PDF, the text that stands on it, and the tests of it."""

from dataclasses import dataclass
from typing import Any

Test = dict[str, Any]
_LETTERS_PER_ERROR = 25  # of a passage: one wrong character is allowed in so many


@dataclass(frozen=True)
class Page:
    """A page as a one-page PDF, its text as Markdown, and its tests without id, file and page."""

    category: str
    name: str
    pdf: bytes
    truth: str
    tests: tuple[Test, ...]


def present(text: str) -> Test:
    """The passage is in the text."""
    return {"type": "present", "text": text, "max_diffs": len(text) // _LETTERS_PER_ERROR}


def absent(text: str) -> Test:
    """The passage, a header or footer, is not in the text."""
    return {"type": "absent", "text": text, "max_diffs": len(text) // _LETTERS_PER_ERROR}


def order(before: str, after: str) -> Test:
    """Both passages are in the text, in this order."""
    allowed = min(len(before), len(after)) // _LETTERS_PER_ERROR
    return {"type": "order", "before": before, "after": after, "max_diffs": allowed}


def cell(text: str, **neighbours: str) -> Test:
    """A table has this cell with these neighbours: up, down, left, right, top_heading …"""
    return {"type": "table", "cell": text, **neighbours}


def formula(latex: str) -> Test:
    """A formula is drawn like this one."""
    return {"type": "math", "math": latex}


def blank() -> Test:
    """The page is empty, and nothing may be read on it."""
    return {"type": "baseline", "max_length": 0}


def baseline() -> Test:
    """The text is neither empty nor endless, and in the right script."""
    return {"type": "baseline"}
