"""Drafts for scans: Tesseract reads pages without text of their own while a GPU reads others."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from lighton_ocr._cores import free_cores
from lighton_ocr.documents.drafts import draft
from lighton_ocr.documents.pages import EncodedPage, PageOptions, PreparedPage
from lighton_ocr.documents.prepare import Preparer
from lighton_ocr.documents.tesseract import Tesseract
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import UsageError

D = TypeVar("D")
T = TypeVar("T")

_OPTION = "--ocr-drafts"
_SECONDS = 20.0  # for one image; a page of print takes one or two


class OcrDrafts(Generic[D]):
    """Prepares pages as another preparer does, and adds drafts; one Tesseract for each free core.

    Use it inside one running event loop.
    """

    def __init__(self, preparer: Preparer[D], program: Tesseract) -> None:
        self._preparer = preparer
        self._program = program
        self._free = asyncio.Semaphore(free_cores())

    @classmethod
    def of(cls, preparer: Preparer[D], endpoint: Endpoint) -> "OcrDrafts[D]":
        """Return what prepares pages with drafts for an endpoint.

        Raises:
            UsageError: Tesseract is not installed, or the endpoint takes no drafts.
        """
        program = find_program()
        if not endpoint.is_vllm:
            raise no_drafts(endpoint.label)
        return cls(preparer, program)

    async def prepare(self, document: D, index: int, options: PageOptions) -> PreparedPage:
        """See `Preparer`. A page comes without a draft if Tesseract fails or takes 20 seconds."""
        page = await self._preparer.prepare(document, index, options)
        pieces = await asyncio.gather(*map(self._add_draft, page.pieces))
        return replace(page, pieces=tuple(pieces))

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """See `Worker`."""
        return await self._preparer.run(work, *args)

    async def _add_draft(self, image: EncodedPage) -> EncodedPage:
        if image.draft:
            return image
        async with self._free:
            text = await self._program.try_to_read(image.data, _SECONDS)
        return replace(image, ocr_draft=draft(text))


def find_program() -> Tesseract:
    """Return the program that writes drafts.

    Raises:
        UsageError: it is not installed.
    """
    return Tesseract.find(_OPTION)


def no_drafts(name: str) -> UsageError:
    """Return the error that an endpoint of that name takes no drafts."""
    return UsageError(
        f"{_OPTION} needs a vLLM that `make deploy` or `--engine vllm` started: {name} takes no "
        "drafts. Leave the option out."
    )
