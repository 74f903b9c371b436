"""Plain text: no markup, columns of tables aligned, a form feed between pages as in pdftotext."""

from markdown_it.token import Token

from lighton_ocr._markdown import page_parser
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.options import OutputOptions
from lighton_ocr.formats.tables import Table, table_of_html, table_of_tokens
from lighton_ocr.reading.results import PageResult

_WIDEST = 40  # characters of a cell that others are aligned to


def render(document: DocumentResult, options: OutputOptions) -> str:
    """Return the whole document."""
    between = "\n" if options.page_breaks == "none" else "\f"
    return between.join(map(_render_page, document.pages))


def plain_text(markdown: str) -> str:
    """Return a page's Markdown without markup; formulas stay LaTeX, figures are left out."""
    writer = _Writer()
    tokens = page_parser().parse(markdown)
    in_table = False
    for index, token in enumerate(tokens):
        if token.type == "table_open":
            writer.add(_aligned(table_of_tokens(tokens, index)))
        in_table = token.type == "table_open" or (in_table and token.type != "table_close")
        if not in_table:
            writer.take(token)
    return "\n\n".join(writer.blocks)


def _render_page(page: PageResult) -> str:
    if page.failed:
        return f"[page {page.page} could not be read]\n"
    return plain_text(page.text) + "\n"


class _Writer:
    """Collects blocks; a list is one, with an item a line."""

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self._numbers: list[int | None] = []  # of the lists that are open, None for bullets
        self._bullet = ""  # of an item that has no text yet
        self._items: list[str] = []

    def take(self, token: Token) -> None:
        """Take a token that is not part of a table."""
        match token.type:
            case "bullet_list_open":
                self._numbers.append(None)
            case "ordered_list_open":
                self._numbers.append(int(token.attrs.get("start", 1)))
            case "list_item_open":
                self._begin_item()
            case "bullet_list_close" | "ordered_list_close":
                self._end_list()
            case "inline":
                self.add(_inline(token))
            case "html_block":
                table = table_of_html(token.content)
                self.add(_aligned(table) if table else "")
            case "fence" | "code_block" | "math_block" | "math_block_label":
                self.add(token.content.strip("\n"))

    def add(self, text: str) -> None:
        """Add a block, or text of a list's item."""
        if not text:
            return
        if self._numbers:
            indent = "  " * len(self._numbers)
            self._items.append(f"{self._bullet or indent}{text}")
            self._bullet = ""
        else:
            self.blocks.append(text)

    def _begin_item(self) -> None:
        indent, number = "  " * (len(self._numbers) - 1), self._numbers[-1]
        self._bullet = f"{indent}- "
        if number is not None:
            self._numbers[-1] = number + 1
            self._bullet = f"{indent}{number}. "

    def _end_list(self) -> None:
        self._numbers.pop()
        if not self._numbers:
            self.blocks.append("\n".join(self._items))
            self._items = []


def _inline(token: Token) -> str:
    pieces = []
    for child in token.children or ():
        match child.type:
            case "softbreak" | "hardbreak":
                pieces.append("\n")
            case "html_inline":
                pieces.append("\n" if child.content.lower().startswith("<br") else "")
            case "image":
                pass
            case _:
                pieces.append(child.content)
    return "".join(pieces).strip()


def _aligned(table: Table) -> str:
    parser = page_parser()
    rows = [
        [" ".join(_inline(parser.parseInline(cell.text)[0]).split()) for cell in row]
        for row in table.rows
    ]
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([table.caption, ""] * bool(table.caption) + lines)
