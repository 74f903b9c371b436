"""Mark in a page's Markdown where it differs from the file's own text, and list it."""

import re
from html import escape

from lighton_ocr.reading.own_text.check import Correction, Difference
from lighton_ocr.reading.results import PageResult

_CODE = re.compile(r"(?ms)^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1[^\n]*$|\Z)|`[^`\n]+`")
_LABELS = {
    "differs": "the file says",
    "invented": "not in the file",
    "repeated": "once more than in the file",
    "missing": "missing here",
}


def mark(page: PageResult) -> str:
    """Return the Markdown with `<mark>` around differences and `<ins>` around corrections.

    Code is left as it is: it would show the tags.
    """
    if page.own_text is None:
        return page.text
    code = [match.span() for match in _CODE.finditer(page.text)]
    text = page.text
    places = [_place(one) for one in page.own_text.differences]
    places += [_place(one) for one in page.own_text.corrections]
    for start, word, tag, title in sorted(filter(None, places), reverse=True):
        end = start + len(word)
        if text[start:end] != word or any(begin <= start < close for begin, close in code):
            continue
        marked = f'<{tag} title="{_attribute(title)}">{escape(word)}</{tag}>'
        text = text[:start] + marked + text[end:]
    return text


def listed(page: PageResult) -> list[str]:
    """Return a line for each difference and correction."""
    if page.own_text is None:
        return []
    lines = [
        f"{one.read or one.own}: {_LABELS[one.kind]}{' ' + one.own if one.read else ''}".strip()
        for one in page.own_text.differences
    ]
    return lines + [
        f"{one.own}: corrected, was read as {one.read}" for one in page.own_text.corrections
    ]


def _place(one: Difference | Correction) -> tuple[int, str, str, str] | None:
    if isinstance(one, Correction):
        return one.start, one.own, "ins", f"was read as {one.read}"
    if one.start is None:
        return None
    return one.start, one.read, "mark", f"{_LABELS[one.kind]} {one.own}".strip()


def _attribute(text: str) -> str:
    """Return an attribute's value that Markdown leaves alone, also inside of a table."""
    return re.sub(r"[|`*_$\[\]\\\n]", lambda match: f"&#{ord(match[0])};", escape(text))
