"""Pages that are read elsewhere: what goes to a worker as one shard, and what comes back."""

import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from lighton_ocr.batch.concurrency import AdaptiveConcurrency
from lighton_ocr.batch.runner import EndpointRunner, FinishedPage, WantedPage, first_error
from lighton_ocr.documents import DocumentFile
from lighton_ocr.documents.pages import Encoding
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import ModelMissing
from lighton_ocr.reading.results import PageResult

_RESULT = TypeAdapter(PageResult)


@dataclass(frozen=True)
class ShardDocument:
    """Pages of one document, by their indices; `content` is the SHA-256 of its bytes."""

    content: str
    name: str
    password: str | None
    indices: tuple[int, ...]


@dataclass(frozen=True)
class Shard:
    """Pages that travel together; the same pages always have the same `key`, locked or not."""

    model: str
    encoding: Encoding
    parts: tuple[ShardDocument, ...]

    @classmethod
    def of(cls, pages: Iterable[WantedPage], model: str, encoding: Encoding) -> "Shard":
        """A shard of pages, those of one document beside each other."""
        ordered = sorted(pages, key=lambda page: (page.content, page.index))
        grouped = groupby(ordered, key=lambda page: (page.content, page.file))
        parts = (
            ShardDocument(content, file.name, file.password, tuple(page.index for page in group))
            for (content, file), group in grouped
        )
        return cls(model, encoding, tuple(parts))

    @classmethod
    def loads(cls, text: str) -> "Shard":
        """What `dumps` wrote."""
        row = json.loads(text)
        parts = (
            ShardDocument(**part | {"indices": tuple(part["indices"])}) for part in row["parts"]
        )
        return cls(row["model"], row["encoding"], tuple(parts))

    def dumps(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    def with_passwords(self, passwords: Mapping[str, str | None]) -> "Shard":
        """The same pages with these passwords, by content, and no others."""
        parts = (replace(part, password=passwords.get(part.content)) for part in self.parts)
        return replace(self, parts=tuple(parts))

    @property
    def key(self) -> str:
        """A name for a file."""
        text = self.with_passwords({}).dumps()
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return sum(len(part.indices) for part in self.parts)


@dataclass(frozen=True)
class ShardResults:
    """What a worker read: results by (content, index).

    `seconds` is how long that kept its engine busy, on the `gpu` of that name (Modal's).
    """

    pages: dict[tuple[str, int], PageResult]
    seconds: float
    gpu: str | None

    @classmethod
    def loads(cls, text: str) -> "ShardResults":
        """What a worker wrote."""
        head, *lines = text.splitlines()
        return cls(dict(_load_page(json.loads(line)) for line in lines), **json.loads(head))


class ShardWorker:
    """Reads shards through one endpoint, several at a time, as a batch reads here.

    Use it inside one running event loop.
    """

    def __init__(self, endpoint: Endpoint, renderers: int, gpu: str | None = None) -> None:
        self._endpoint = endpoint
        self._gpu = gpu
        self._renderers = RenderPool(renderers)
        self._pace = AdaptiveConcurrency.of(endpoint)
        self._accounted = 0.0

    async def read(self, shard: Shard, find: Callable[[str], Path]) -> str:
        """Read all its pages; `find` gives a document's file by its content.

        Returns JSON lines: seconds and GPU (see `ShardResults`), then a line for each page.

        Raises:
            ModelMissing: the shard is for another model.
            EndpointError: the engine is gone.
        """
        if shard.model != self._endpoint.model.id:
            raise ModelMissing(f"This worker reads with {self._endpoint.model.id}.")
        start = time.monotonic()
        lines: list[str] = []

        async def keep(result: FinishedPage) -> None:
            lines.append(_dump_page(result))

        reader = EndpointRunner(
            self._endpoint, encoding=shard.encoding, renderers=self._renderers, pace=self._pace
        )
        try:
            await reader.read(_wanted(shard, find), keep)
        except ExceptionGroup as errors:
            raise first_error(errors) from None
        now = time.monotonic()
        seconds, self._accounted = now - max(start, self._accounted), now
        return "\n".join([json.dumps({"seconds": seconds, "gpu": self._gpu}), *lines])


async def _wanted(shard: Shard, find: Callable[[str], Path]) -> AsyncIterator[WantedPage]:
    for part in shard.parts:
        file = DocumentFile(find(part.content), part.name, part.password)
        for index in part.indices:
            yield WantedPage(file, part.content, index)


def _dump_page(result: FinishedPage) -> str:
    row = {
        "content": result.page.content,
        "index": result.page.index,
        "result": _RESULT.dump_python(result.result, mode="json"),
    }
    return json.dumps(row)


def _load_page(row: dict[str, Any]) -> tuple[tuple[str, int], PageResult]:
    return (row["content"], row["index"]), _RESULT.validate_python(row["result"])
