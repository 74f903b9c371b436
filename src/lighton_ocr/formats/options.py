"""What a user may choose about results besides their format; `apply_options` applies it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from json import dumps
from typing import TYPE_CHECKING, Literal

from lighton_ocr.errors import UsageError
from lighton_ocr.formats import Format
from lighton_ocr.formats.divided_words import join_divided_words
from lighton_ocr.formats.moved_places import with_moved_checks
from lighton_ocr.formats.tables import convert_tables
from lighton_ocr.reading.blocks import Block, block_spans, join_blocks
from lighton_ocr.reading.results import PageResult

if TYPE_CHECKING:
    from lighton_ocr.formats.document_result import DocumentResult

TableMarkup = Literal["md", "html"]
PageBreaks = Literal["comment", "rule", "none"]


@dataclass(frozen=True)
class OutputOptions:
    """How results are written.

    `tables` is the markup of tables in Markdown and JSON lines, None for the model's own.
    `page_breaks` stand between the pages of a Markdown file; as comments, they come with each
    page's warnings. Without `margins`, headers, footers and page numbers are left out of every
    format. `front_matter` puts source and pages in front of Markdown, as YAML. With `per_page`,
    each page is a file.
    """

    tables: TableMarkup | None = None
    page_breaks: PageBreaks = "comment"
    margins: bool = True
    front_matter: bool = False
    per_page: bool = False

    @property
    def changes_text(self) -> bool:
        """Whether a page's Markdown becomes another than the model's."""
        return self.tables is not None or not self.margins

    def to_json(self) -> str:
        """Return what differs from the defaults as JSON; equal options give equal text."""
        chosen = {field.name: getattr(self, field.name) for field in fields(self)}
        defaults = {field.name: field.default for field in fields(self)}
        return dumps({name: one for name, one in chosen.items() if one != defaults[name]})


DEFAULT_OPTIONS = OutputOptions()


# The formats that an option changes.
_CHANGED_BY = {
    "tables": ("md", "jsonl"),
    "page_breaks": ("md", "txt"),
    "front_matter": ("md",),
}


def check_options(formats: Sequence[Format], options: OutputOptions) -> None:
    """Check that the formats can be written, and that each option changes one of them.

    Raises:
        UsageError: see `Format.check`; or an option would be ignored.
    """
    for format in formats:
        format.check(options)
    names = [format.name for format in formats]
    for option, changed in _CHANGED_BY.items():
        is_chosen = getattr(options, option) != getattr(DEFAULT_OPTIONS, option)
        if is_chosen and not set(names) & set(changed):
            raise UsageError(
                f"--{option.replace('_', '-')} changes nothing in {' and '.join(names)}: leave it "
                f"out, or choose --format {' or '.join(changed)}."
            )


def apply_options(
    document: "DocumentResult", options: OutputOptions, format: Format
) -> "DocumentResult":
    """Return the document as it is to be rendered in a format."""
    joined = join_divided_words(document.pages)
    pages = tuple(apply_to_page(page, options, format) for page in joined)
    return replace(document, pages=pages)


def apply_to_page(page: PageResult, options: OutputOptions, format: Format) -> PageResult:
    """Return the page as it is to be rendered in a format."""
    if not options.margins:
        page = without_margins(page)
    if options.tables and format.converts_tables:
        page = replace(page, text=convert_tables(page.text, options.tables))
    return page


def without_margins(page: PageResult) -> PageResult:
    """Return the page without headers, footers and page numbers, where the model marked them."""
    return without_blocks(page, lambda block: block.is_margin)


def without_blocks(page: PageResult, is_left_out: Callable[[Block], bool]) -> PageResult:
    """Return the page without some of its blocks."""
    kept = [number for number, block in enumerate(page.blocks) if not is_left_out(block)]
    if len(kept) == len(page.blocks):
        return page
    blocks = tuple(page.blocks[number] for number in kept)
    figures = {block.figure for block in blocks}
    changed = replace(
        page,
        text=join_blocks(blocks),
        blocks=blocks,
        figures=tuple(figure for figure in page.figures if figure.number in figures),
    )
    return with_moved_checks(changed, _place_of_kept(page, changed, kept))


def _place_of_kept(
    before: PageResult, after: PageResult, kept: Sequence[int]
) -> Callable[[int], int | None]:
    """Return what gives a place of the new text for one of the old, None for one left out.

    `kept` are the indices of its blocks in the page before.
    """
    old_spans = block_spans(before.text, before.blocks)
    new_spans = block_spans(after.text, after.blocks)
    moved = {
        old_spans[old]: new_spans[new][0]
        for new, old in enumerate(kept)
        if old in old_spans and new in new_spans
    }

    def place(start: int) -> int | None:
        for (begin, end), new in moved.items():
            if begin <= start < end:
                return new + start - begin
        return None

    return place
