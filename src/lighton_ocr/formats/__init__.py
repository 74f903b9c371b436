"""Ways of writing down a document that was read; one module each, all with a `render`."""

from collections.abc import Callable

from lighton_ocr.errors import UsageError
from lighton_ocr.formats import dolma, html, json, markdown
from lighton_ocr.readings import DocumentReading

FORMATS: dict[str, Callable[[DocumentReading], str]] = {
    "md": markdown.render,
    "html": html.render,
    "json": json.render,
    "jsonl": dolma.render,
}


def find_format(name: str) -> Callable[[DocumentReading], str]:
    """The renderer of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in FORMATS:
        raise UsageError(f"Unknown format {name!r}: choose from {', '.join(FORMATS)}.")
    return FORMATS[name]
