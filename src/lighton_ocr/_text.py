"""Helpers for text: counted nouns in messages, code fences in Markdown."""

import re

_FENCE = re.compile(r"(?m)^ {0,3}(```+|~~~+)")


def pluralize(number: int, noun: str) -> str:
    """`1 page`, `2,000 pages`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def close_code_fence(text: str) -> str:
    """Return the text, with a code block that has no end closed: what follows would be code."""
    fences = [match[1] for match in _FENCE.finditer(text)]
    return f"{text.rstrip()}\n{fences[-1]}" if len(fences) % 2 else text
