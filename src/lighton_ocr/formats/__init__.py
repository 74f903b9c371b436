"""The output formats: one record each, from which names, suffixes and help texts follow.

To add one, write a module with `render(document: DocumentResult, options: OutputOptions) -> str`
and a record here.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lighton_ocr.errors import UsageError

if TYPE_CHECKING:
    from lighton_ocr.formats.document_result import DocumentResult
    from lighton_ocr.formats.options import OutputOptions


@dataclass(frozen=True)
class Format:
    """An output format.

    `name` is what `--format` takes and the suffix of results; `suffixes` are the others that stand
    for it. `module` renders it, and is loaded when it is needed. `joinable` says that one document
    may follow another in the same file, `links_figures` that figures are files beside it, and
    `converts_tables` that a user may choose the markup of tables.
    """

    name: str
    description: str
    module: str
    suffixes: tuple[str, ...] = ()
    joinable: bool = False
    links_figures: bool = False
    converts_tables: bool = False

    def render(self, document: "DocumentResult", options: "OutputOptions | None" = None) -> str:
        """Return the document in this format."""
        from lighton_ocr.formats.options import DEFAULT_OPTIONS, apply_options

        options = options or DEFAULT_OPTIONS
        document = apply_options(document, options, self)
        text: str = import_module(f"{__name__}.{self.module}").render(document, options)
        return text


FORMATS = {
    format.name: format
    for format in (
        Format(
            "md",
            "Markdown",
            "markdown",
            ("markdown",),
            joinable=True,
            links_figures=True,
            converts_tables=True,
        ),
        Format("txt", "plain text", "txt", ("text",), joinable=True),
        Format("html", "a web page that stands alone", "html", ("htm",)),
        Format(
            "json", "every page with its attempts, tokens and warnings", "json", links_figures=True
        ),
        Format(
            "jsonl",
            "one line a document, as olmOCR writes it",
            "jsonl",
            joinable=True,
            converts_tables=True,
        ),
    )
}
DEFAULT = "md"


def find_format(name: str) -> Format:
    """Return the format of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in FORMATS:
        raise UsageError(f"Unknown format {name!r}: choose from {', '.join(FORMATS)}.")
    return FORMATS[name]


def format_of(path: Path) -> Format:
    """Return the format that a file's suffix stands for; a file without a suffix is Markdown.

    Raises:
        UsageError: no format has that suffix.
    """
    suffix = path.suffix.lower().removeprefix(".") or DEFAULT
    for format in FORMATS.values():
        if suffix in (format.name, *format.suffixes):
            return format
    known = ", ".join(f".{name}" for name in FORMATS)
    raise UsageError(
        f"{path.name}: no format has the suffix .{suffix}. Use one of {known}, or name the format "
        "with --format."
    )
