"""What the batch does to a document before anything is sent: open, count, render, encode."""

import asyncio
import resource
from collections import Counter
from pathlib import Path
from typing import Self

from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.pages import Geometry, PageOptions
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.errors import DocumentError

MOST_PAGES = 4  # of a document: the first ones and the last
OPTIONS = PageOptions(Geometry(308, 28), with_draft=True, with_own_text=True)


class Reading:
    """Opens documents one after the other with real workers; counts how each page ended."""

    def __init__(self, folder: Path) -> None:
        self.outcomes: Counter[str] = Counter()
        self.drafted = 0  # pages whose own text could be had
        self._file = folder / "document"
        self._number = 0
        self._runner = asyncio.Runner()
        self._renderers = RenderPool(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()

    def read(self, data: bytes) -> None:
        """Each page ends as a picture, as blank, or with an error of ours; anything else raises."""
        self._number += 1
        path = self._file.with_name(f"document{self._number}")
        path.write_bytes(data)
        self._runner.run(self._read(DocumentFile(path, path.name)))
        path.unlink()

    @property
    def peak_mib(self) -> float:
        """The most memory that this process has had."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    async def _read(self, file: DocumentFile) -> None:
        try:
            pages = await self._renderers.count_pages(file)
        except DocumentError as error:
            self._failed(error)
            return
        for index in sorted({*range(min(pages, MOST_PAGES - 1)), pages - 1}):
            try:
                page = await self._renderers.prepare(file, index, OPTIONS)
            except DocumentError as error:
                self._failed(error)
            else:
                self.outcomes["page" if page.pieces else "blank page"] += 1
                self.drafted += any(piece.draft for piece in page.pieces)

    def _failed(self, error: DocumentError) -> None:
        kind = next((word for word in ("crashes", "seconds") if word in str(error)), "")
        self.outcomes[f"{type(error).__name__} {kind}".strip()] += 1
        assert str(error).endswith((".", "?")), str(error)
