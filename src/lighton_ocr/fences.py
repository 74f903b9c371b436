"""Code blocks in a model's Markdown."""

import re

_FENCE = re.compile(r"(?m)^ {0,3}(```+|~~~+)")


def close_fence(text: str) -> str:
    """The text, with an end to a code block that has none, or what follows would be code."""
    fences = [match[1] for match in _FENCE.finditer(text)]
    return f"{text.rstrip()}\n{fences[-1]}" if len(fences) % 2 else text
