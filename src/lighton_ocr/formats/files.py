"""The files of a document's result: one, or one a page, and the pictures that they link."""

import base64
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from lighton_ocr._files import make_folder, write_atomically
from lighton_ocr.formats import Format, Original
from lighton_ocr.formats.divided_words import join_divided_words
from lighton_ocr.formats.options import OutputOptions
from lighton_ocr.reading.results import PageResult

if TYPE_CHECKING:
    from lighton_ocr.formats.document_result import DocumentResult


_PAGE_STEM = re.compile(r"page-\d{4,}")


@dataclass(frozen=True)
class ResultFile:
    """A file to be written; `name` is relative to the folder of results, with `/`.

    `is_page` says that it holds the text of one page.
    """

    name: str
    data: str | bytes
    is_page: bool = False


def result_files(
    document: "DocumentResult",
    format: Format,
    options: OutputOptions,
    name: str,
    original: Original | None = None,
) -> Iterator[ResultFile]:
    """Yield the files of a document whose result is called `name`, such as `box/report.md`.

    Pictures go to `box/report-figures/`, and pages that are files of their own to
    `box/report-pages/`.

    Raises:
        UsageError, DocumentError: see `Format.encode`.
    """
    result = PurePosixPath(name)
    stem = result.with_suffix("")
    if format.links_figures:
        folder = f"../{stem.name}-figures" if options.per_page else f"{stem.name}-figures"
        for page in document.pages:
            for figure in page.figures:
                picture = _picture_name(page, figure.number)
                data = base64.b64decode(figure.jpeg)
                yield ResultFile(f"{stem}-figures/{picture}", data)
        document = replace(
            document, pages=tuple(_with_pictures(page, folder) for page in document.pages)
        )
    if not options.per_page:
        yield ResultFile(name, format.encode(document, options, original))
        return
    for page in join_divided_words(document.pages):
        text = format.render(replace(document, pages=(page,)), options)
        yield ResultFile(page_file_name(name, page.page), text, is_page=True)


def write_results(
    document: "DocumentResult",
    path: Path,
    format: Format,
    options: OutputOptions,
    original: Original | None = None,
) -> None:
    """Write a document to a path, with the files that belong to it beside that.

    Raises:
        UsageError, DocumentError: see `Format.encode`.
        OutputError: a file cannot be written.
    """
    for file in result_files(document, format, options, path.name, original):
        target = path.parent / file.name
        if target != path:  # a picture, or one page; the folder of the path exists
            make_folder(target.parent)
        write_atomically(target, file.data)


def result_names(stem: str, formats: Iterable[str], pages: int, *, per_page: bool) -> list[str]:
    """Return the names of a document's results in these formats."""
    names = [f"{stem}.{format}" for format in formats]
    if not per_page:
        return names
    return [page_file_name(name, page) for name in names for page in range(1, pages + 1)]


def page_file_name(name: str, page: int) -> str:
    """Return the name of a page's own file, of the document whose result is called `name`."""
    result = PurePosixPath(name)
    return f"{result.with_suffix('')}-pages/page-{page:04}{result.suffix}"


def pages_folder(path: Path) -> Path:
    """Return the folder of a document's pages, if its result is called `path`."""
    return path.parent / PurePosixPath(page_file_name(path.name, 1)).parent


def stale_pages(names: Iterable[str], written: Collection[str]) -> list[str]:
    """Return which of these names are pages' own files, like those written, but not among them."""
    pages = {PurePosixPath(name) for name in written}
    suffixes = {page.suffix for page in pages}
    found = (PurePosixPath(name) for name in names)
    return [
        str(name)
        for name in found
        if _PAGE_STEM.fullmatch(name.stem) and name.suffix in suffixes and name not in pages
    ]


def _picture_name(page: PageResult, number: int) -> str:
    return f"page-{page.page:04}-image-{number}.jpg"


def _with_pictures(page: PageResult, folder: str) -> PageResult:
    figures = tuple(
        replace(figure, name=f"{folder}/{_picture_name(page, figure.number)}")
        for figure in page.figures
    )
    return replace(page, figures=figures)
