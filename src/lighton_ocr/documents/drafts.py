"""What a file says is on its page, as a model would write it: a draft for a server to check.

A PDF's own text is often wrong, out of order or missing, and knows no headings or tables. As a
draft it need not be right: the model compares it with what it would have written itself
(`serving/page_scheduler.py`).
"""

_HYPHEN = "\x02"  # what pdfium makes of one at the end of a line, and of the line's end
_FULL = 0.75  # of a full line; a shorter one ends its paragraph
_LONGEST = 32_000  # signs; more than a page's answer may have


def draft(text_layer: str) -> str:
    """The text with the lines of a paragraph joined, and paragraphs apart."""
    text = text_layer[:_LONGEST].replace(_HYPHEN, "")
    text = text.encode(errors="ignore").decode()  # without halves of surrogate pairs
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    # The page's width, but for a line in ten, which may stand in a margin.
    full = _FULL * sorted(map(len, lines))[len(lines) * 9 // 10]
    return "".join(line + (" " if len(line) >= full else "\n\n") for line in lines).rstrip()
