"""A data set in the layout of olmOCR-bench: a folder with tests, PDFs, and candidates' texts."""

import json
import random
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from lighton_ocr.errors import EndpointError, UsageError

REPOSITORY = "allenai/olmOCR-bench"  # a data set of the model hub
_INNER = "bench_data"
HEADERS = "headers_footers"
BASELINE = "baseline"


@dataclass(frozen=True)
class BenchPage:
    """A page of the data set: its PDF, relative to `pdfs/`, and its number from 1.

    `category` is the file of tests, without suffix, that first names it.
    """

    pdf: str
    number: int
    category: str

    def text_name(self, repeat: int) -> str:
        """Return the name of the file with a candidate's text, relative to its folder."""
        return f"{self.pdf.removesuffix('.pdf')}_pg{self.number}_repeat{repeat}.md"


@dataclass(frozen=True)
class DataSet:
    """The folder, and its pages in a fixed order."""

    folder: Path
    pages: tuple[BenchPage, ...]

    def path(self, page: BenchPage) -> Path:
        """Return the file of a page's PDF."""
        return self.folder / "pdfs" / page.pdf

    def sample(self, count: int) -> "DataSet":
        """Return the data set with so many pages: as many of each category, as far as they go.

        They are chosen at random, always the same ones; a larger sample holds the smaller one.
        """
        shuffled = random.Random(0).sample(self.pages, len(self.pages))  # noqa: S311
        by_category: dict[str, list[BenchPage]] = {page.category: [] for page in self.pages}
        for page in shuffled:
            by_category[page.category].append(page)
        turns = chain.from_iterable(zip_longest(*by_category.values()))
        return replace(self, pages=tuple(page for page in turns if page)[:count])


def open_data_set(folder: Path) -> DataSet:
    """Open a data set; its pages are those that have a test.

    Raises:
        UsageError: the folder is not one.
    """
    if not (folder / "pdfs").is_dir() and (folder / _INNER / "pdfs").is_dir():
        folder /= _INNER
    files = sorted(folder.glob("*.jsonl"))
    if not files or not (folder / "pdfs").is_dir():
        raise UsageError(
            f"{folder} is not a data set: it needs tests (*.jsonl) and a folder pdfs. --download "
            "fetches olmOCR-bench."
        )
    pages: dict[tuple[str, int], BenchPage] = {}
    for file in files:
        for test in _tests(file):
            key = (test["pdf"], test["page"])
            pages.setdefault(key, BenchPage(*key, file.stem))
    for page in pages.values():
        if not (folder / "pdfs" / page.pdf).is_file():
            raise UsageError(f"{folder}: pdfs/{page.pdf}, which has tests, is missing.")
    return DataSet(folder, tuple(pages.values()))


def download(folder: Path) -> None:
    """Download olmOCR-bench from the model hub; files that are there already are kept.

    Raises:
        EndpointError: the hub cannot be reached.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        snapshot_download(REPOSITORY, repo_type="dataset", local_dir=folder)
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise EndpointError(
            f"{REPOSITORY} cannot be downloaded from the model hub ({type(error).__name__}). Copy "
            "it to a folder and name that with --data."
        ) from error


def _tests(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    except ValueError as error:
        raise UsageError(f"{file} holds a line that is not JSON: {error}.") from error
