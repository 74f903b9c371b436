"""Helpers for text: numbers with nouns, durations, control characters, code fences."""

import re

# Controls (C0, DEL, C1) but for tab and line feed, and marks that change the direction of text: a
# terminal obeys them, so that a document or a file's name could rewrite what is on the screen.
_OBEYED = (
    *range(9),
    *range(11, 32),
    *range(127, 160),
    0x061C,
    *range(0x200E, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
)
_ESCAPES = {code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" for code in _OBEYED}
_FENCE = re.compile(r"(?m)^ {0,3}(```+|~~~+)")


def pluralize(number: int, noun: str) -> str:
    """`1 page`, `2,000 pages`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """`41 s`, `13 min`, `2 h 5 min`, `3 d 4 h`; seconds up to two minutes."""
    if round(seconds) < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def escape_controls(text: str) -> str:
    """Return the text with escapes for the characters that a terminal obeys."""
    return text.translate(_ESCAPES)


def printable(name: str) -> str:
    """Escape the parts of a name that are not UTF-8, and its control characters."""
    name = name.encode(errors="backslashreplace").decode()
    return escape_controls(name).replace("\n", "\\n").replace("\t", "\\t")


def close_code_fence(text: str) -> str:
    """Return the text, with a code block that has no end closed: what follows would be code."""
    fences = [match[1] for match in _FENCE.finditer(text)]
    return f"{text.rstrip()}\n{fences[-1]}" if len(fences) % 2 else text
