"""The output formats: one record each, from which names, suffixes and help texts follow.

To add one, write a module with `render(document: DocumentResult) -> str` and a record here. If it
is made from the document's file, it is `render(document, file, on_warning) -> bytes`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lighton_ocr.errors import UsageError

if TYPE_CHECKING:
    from lighton_ocr.documents import DocumentFile
    from lighton_ocr.formats.document_result import DocumentResult


@dataclass(frozen=True)
class Format:
    """An output format.

    `name` is what `--format` takes and the suffix of results; `suffixes` are the others that stand
    for it. `module` renders it, and is loaded when it is needed. `joinable` says that one document
    may follow another in the same file, `needs_file` that it is made from the document's file.
    """

    name: str
    description: str
    module: str
    suffixes: tuple[str, ...] = ()
    joinable: bool = False
    needs_file: bool = False

    def render(self, document: "DocumentResult") -> str:
        """Return the document as text.

        Raises:
            UsageError: the format is made from the document's file; see `encode`.
        """
        if self.needs_file:
            raise UsageError(
                f"A {self.name} file is made from the document itself. Run: lighton-ocr read "
                f"{document.source} --format {self.name}"
            )
        text: str = import_module(f"{__name__}.{self.module}").render(document)
        return text

    def encode(
        self, document: "DocumentResult", file: "DocumentFile", on_warning: Callable[[str], None]
    ) -> bytes:
        """Return the document as the bytes of a file in this format; text is UTF-8.

        `on_warning` gets sentences for the user.

        Raises:
            DocumentError: it is made from the document's file, and that is not possible.
        """
        if not self.needs_file:
            return self.render(document).encode()
        data: bytes = import_module(f"{__name__}.{self.module}").render(document, file, on_warning)
        return data

    def check_installed(self) -> None:
        """Check that the libraries of this format are installed.

        Raises:
            UsageError: they are not; the message says how to install them.
        """
        if self.needs_file:
            import_module(f"{__name__}.{self.module}").check_installed()


FORMATS = {
    format.name: format
    for format in (
        Format("md", "Markdown", "markdown", ("markdown",), joinable=True),
        Format("html", "a web page that stands alone", "html", ("htm",)),
        Format("json", "every page with its attempts, tokens and warnings", "json"),
        Format("pdf", "the document with text that can be searched", "pdf", needs_file=True),
        Format("jsonl", "one line a document, as olmOCR writes it", "jsonl", joinable=True),
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
