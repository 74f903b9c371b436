"""Ways of writing down a document that was read; one module each, all with a `render`."""

from collections.abc import Callable

from lighton_ocr.errors import UsageError
from lighton_ocr.formats import html, json, jsonl, markdown
from lighton_ocr.reading.results import DocumentResult

FORMATS: dict[str, Callable[[DocumentResult], str]] = {
    "md": markdown.render,
    "html": html.render,
    "json": json.render,
    "jsonl": jsonl.render,
}


def find_format(name: str) -> Callable[[DocumentResult], str]:
    """The renderer of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in FORMATS:
        raise UsageError(f"Unknown format {name!r}: choose from {', '.join(FORMATS)}.")
    return FORMATS[name]
