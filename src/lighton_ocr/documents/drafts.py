"""Turn a file's own text into a draft, which vLLM checks instead of writing every token itself.

A PDF's own text is often wrong, out of order or missing, and has no headings or tables. A draft
need not be right: the model keeps only the tokens that it would have written itself
(`engines/vllm/scheduler.py`).
"""

_HYPHEN = "\x02"  # how pdfium writes a hyphen at the end of a line, with the line's end
_FULL = 0.75  # of a full line; a shorter line ends its paragraph
_LONGEST = 32_000  # characters; more than a page's answer may have


def draft(text_layer: str) -> str:
    """Return the text with the lines of each paragraph joined, as a model would write it."""
    text = text_layer[:_LONGEST].replace(_HYPHEN, "")
    text = text.encode(errors="ignore").decode()  # drop halves of surrogate pairs
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    # The page's width; one line in ten may be longer, such as a note in the margin.
    full = _FULL * sorted(map(len, lines))[len(lines) * 9 // 10]
    return "".join(line + (" " if len(line) >= full else "\n\n") for line in lines).rstrip()
