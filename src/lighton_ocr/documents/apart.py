"""Documents opened and drawn in a process of their own: a crash there is a sentence here."""

import os
import tempfile
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Self

from anyio.from_thread import start_blocking_portal

from lighton_ocr.documents.pages import Geometry, PageImage
from lighton_ocr.documents.render_pool import DocumentFile, RenderPool
from lighton_ocr.documents.sources import Source


class Apart(AbstractContextManager["Apart"]):
    """Opens documents in one worker process, as long as the `with` block lasts.

    For programs that guard their main module: the process imports it.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._renderers = RenderPool(1)

    def __enter__(self) -> Self:
        self._portal = self._stack.enter_context(start_blocking_portal())
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def open(self, source: Source, password: str | None = None) -> "ApartDocument":
        """Open a PDF or an image; see `open_document`."""
        path = source.content if isinstance(source.content, Path) else self._keep(source.content)
        file = DocumentFile(path, source.label, password)
        return ApartDocument(self, file, self._portal.call(self._renderers.count_pages, file))

    def render(self, file: DocumentFile, index: int, geometry: Geometry) -> PageImage:
        """A page of an opened document as an image; may be called from any thread."""
        return self._portal.call(self._renderers.render, file, index, geometry)

    def text_layer(self, file: DocumentFile, index: int) -> str:
        """The text that the file itself holds for a page."""
        return self._portal.call(self._renderers.text_layer, file, index)

    def _keep(self, content: bytes) -> Path:
        handle, name = tempfile.mkstemp(dir=self._folder)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return Path(name)


class ApartDocument:
    """A document whose pages come from the worker process."""

    def __init__(self, apart: Apart, file: DocumentFile, page_count: int) -> None:
        self.name = file.name
        self.page_count = page_count
        self._apart = apart
        self._file = file

    def render(self, index: int, geometry: Geometry) -> PageImage:
        """See `Document.render`.

        Raises:
            PageError: the page is broken, or crashes the process, or takes it too long.
        """
        return self._apart.render(self._file, index, geometry)

    def text_layer(self, index: int) -> str:
        """See `Document.text_layer`."""
        return self._apart.text_layer(self._file, index)

    def close(self) -> None:
        """Nothing to give back: the process ends with `Apart`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
