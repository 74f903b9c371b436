"""Readers to compare: endpoints, programs on this machine, and batches that were read before."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lighton_ocr.api import open_endpoint
from lighton_ocr.catalog import POCKET, Gpu, find_model
from lighton_ocr.compare.batch_folder import BatchFolder, is_batch_folder
from lighton_ocr.compare.programs import PROGRAMS, ReadPage, find_program
from lighton_ocr.documents import Document
from lighton_ocr.documents.web import is_url
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.llama_cpp.weights import gguf_repository
from lighton_ocr.reading.attempts import OwnTextMode, PageBudget
from lighton_ocr.reading.reader import Reader
from lighton_ocr.reading.results import PageResult

PageList = Sequence[tuple[Document, int]]


class Candidate(Protocol):
    """A reader with a name."""

    @property
    def name(self) -> str:
        """What it is called in tables."""

    @property
    def usd_per_second(self) -> float | None:
        """The price of its GPU, None if it has none or its price is not known."""

    def read_pages(self, pages: PageList) -> AsyncIterator[tuple[Document, PageResult]]:
        """Yield the results of pages (document and index from 0), in the order of `pages`."""


@dataclass(frozen=True)
class EndpointCandidate:
    """A model behind an endpoint; pages are read as `lighton-ocr read` reads them."""

    name: str
    endpoint: Endpoint
    usd_per_second: float | None = None
    budget: PageBudget | None = None
    own_text: OwnTextMode = "off"

    async def read_pages(self, pages: PageList) -> AsyncIterator[tuple[Document, PageResult]]:
        """Yield the results; as many pages are in flight as the endpoint takes."""

        async def wanted() -> AsyncIterator[tuple[Document, int]]:
            for page in pages:
                yield page

        async with Reader(self.endpoint, budget=self.budget, own_text=self.own_text) as reader:
            async for document, result in reader.read_pages(wanted()):
                yield document, result


@dataclass(frozen=True)
class LocalCandidate:
    """A program, or results on disk: one page after the other, on this machine."""

    name: str
    read: ReadPage
    usd_per_second: float | None = None

    async def read_pages(self, pages: PageList) -> AsyncIterator[tuple[Document, PageResult]]:
        """Yield the results."""
        for document, index in pages:
            yield document, await asyncio.to_thread(self.read, document, index)


def check_candidate(name: str) -> None:
    """Check what can be known of a reader's name before it is opened.

    Raises:
        UsageError: an unknown name, or a program that is not installed.
        WeightsMissing: a model that the embedded engine cannot run.
    """
    if name in PROGRAMS:
        find_program(name)
    elif not is_batch_folder(Path(name)) and not is_url(name):
        model = find_model(name)
        if model.id != POCKET:
            gguf_repository(model)


@contextmanager
def open_candidate(
    name: str, gpu: Gpu | None = None, on_notice: Callable[[str], None] = lambda _: None
) -> Iterator[Candidate]:
    """Open the reader of that name: a program, a batch's folder, a URL, or a model's name.

    A model's name starts the embedded engine, as long as the `with` block lasts. `gpu` is what runs
    behind a URL.

    Raises:
        UsageError: an unknown name, or a program that is not installed.
        EndpointError: no endpoint available.
    """
    if name in PROGRAMS:
        yield LocalCandidate(name, find_program(name))
    elif is_batch_folder(Path(name)):
        yield LocalCandidate(Path(name).name, BatchFolder(Path(name)).read)
    elif is_url(name):
        with open_endpoint(url=name, on_notice=on_notice) as endpoint:
            price = gpu.price_per_second if gpu else None
            yield EndpointCandidate(endpoint.model.aliases[0], endpoint, price)
    else:
        with open_endpoint(model=name, engine="embedded", on_notice=on_notice) as endpoint:
            yield EndpointCandidate(name, endpoint)
