"""The output formats: one record each, from which names, suffixes and help texts follow.

To add one, write a module with `render(document: DocumentResult, options: OutputOptions) -> str`
and a record here. If it is made from the document's file, it is `render(document, original) ->
bytes`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lighton_ocr.errors import UsageError

if TYPE_CHECKING:
    from lighton_ocr.documents import DocumentFile
    from lighton_ocr.formats.document_result import DocumentResult
    from lighton_ocr.formats.options import OutputOptions


@dataclass(frozen=True)
class Format:
    """An output format.

    `name` is what `--format` takes and the suffix of results; `suffixes` are the others that stand
    for it. `module` renders it, and is loaded when it is needed. `joinable` says that one document
    may follow another in the same file, `links_figures` that figures are files beside it,
    `converts_tables` that a user may choose the markup of tables, and `needs_original` that it is
    made from the document's file. `media_type` is its MIME type.
    """

    name: str
    description: str
    module: str
    suffixes: tuple[str, ...] = ()
    joinable: bool = False
    media_type: str = "text/plain"
    links_figures: bool = False
    converts_tables: bool = False
    needs_original: bool = False

    def render(self, document: "DocumentResult", options: "OutputOptions | None" = None) -> str:
        """Return the document as text.

        Raises:
            UsageError: the format is made from the document's file; see `encode`.
        """
        from lighton_ocr.formats.options import DEFAULT_OPTIONS, apply_options

        if self.needs_original:
            raise UsageError(
                f"A {self.name} file is made from the document itself. Run: lighton-ocr read "
                f"{document.source} --format {self.name}"
            )
        options = options or DEFAULT_OPTIONS
        document = apply_options(document, options, self)
        text: str = import_module(f"{__name__}.{self.module}").render(document, options)
        return text

    def encode(
        self, document: "DocumentResult", options: "OutputOptions", original: "Original | None"
    ) -> bytes:
        """Return the document as the bytes of a file in this format; text is UTF-8.

        Raises:
            UsageError: the format is made from the document's file, and that is not given.
            DocumentError: it is made from the document's file, and that is not possible.
        """
        if original is None or not self.needs_original:
            return self.render(document, options).encode()
        data: bytes = import_module(f"{__name__}.{self.module}").render(document, original)
        return data

    def pages_to_read(self, original: "Original", chosen: Sequence[int]) -> Sequence[int]:
        """Return those of the chosen pages (indices from 0) that a result needs the text of.

        If it needs none, the result is the file itself, and a warning has said why.

        Raises:
            DocumentError: the format is made from the document's file, and that is not possible.
        """
        if not self.needs_original:
            return chosen
        needed: list[int] = import_module(f"{__name__}.{self.module}").pages_to_read(
            original, chosen
        )
        return needed

    def check(self, options: "OutputOptions") -> None:
        """Check that documents can be written in this format, with these options.

        Raises:
            UsageError: libraries are missing, or an option makes no sense with it.
        """
        if not self.needs_original:
            return
        if options.per_page:
            raise UsageError(f"--per-page cannot be used with {self.name}: it has all pages.")
        import_module(f"{__name__}.{self.module}").check_installed()


@dataclass(frozen=True)
class Original:
    """The file of a document that was read, for formats that are made from it.

    `on_warning` gets sentences for the user.
    """

    file: "DocumentFile"
    on_warning: Callable[[str], None]


FORMATS = {
    format.name: format
    for format in (
        Format(
            "md",
            "Markdown",
            "markdown",
            ("markdown",),
            joinable=True,
            media_type="text/markdown",
            links_figures=True,
            converts_tables=True,
        ),
        Format("txt", "plain text", "txt", ("text",), joinable=True),
        Format("html", "a web page that stands alone", "html", ("htm",), media_type="text/html"),
        Format(
            "json",
            "every page with its attempts, tokens and warnings",
            "json",
            media_type="application/json",
            links_figures=True,
        ),
        Format(
            "pdf",
            "the document with text that can be searched",
            "pdf",
            media_type="application/pdf",
            needs_original=True,
        ),
        Format(
            "jsonl",
            "one line a document, as olmOCR writes it",
            "jsonl",
            joinable=True,
            media_type="application/jsonl",
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
