"""Pages that are read elsewhere: what is sent to a worker as one shard, and what it sends back."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Self

from pydantic import TypeAdapter

from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.batch.runner import FinishedPage, WantedPage
from lighton_ocr.documents.pages import Encoding
from lighton_ocr.reading.attempts import OwnTextMode, PageBudget
from lighton_ocr.reading.results import PageResult

_RESULT = TypeAdapter(PageResult)


@dataclass(frozen=True)
class ShardDocument:
    """Pages of one document, by their indices; `digest` is the SHA-256 of its bytes."""

    digest: str
    name: str
    password: str | None
    indices: tuple[int, ...]


@dataclass(frozen=True)
class Shard:
    """Pages that travel together, and how they are to be read."""

    model: str
    encoding: Encoding
    budget: PageBudget
    own_text: OwnTextMode
    documents: tuple[ShardDocument, ...]
    boxes: bool = False

    @classmethod
    def of(cls, pages: Iterable[WantedPage], settings: ReadingSettings) -> Self:
        """Return a shard of pages, grouped by document."""
        ordered = sorted(pages, key=lambda page: (page.digest, page.index))
        grouped = groupby(ordered, key=lambda page: (page.digest, page.file))
        documents = (
            ShardDocument(digest, file.name, file.password, tuple(page.index for page in group))
            for (digest, file), group in grouped
        )
        policy = settings.policy
        return cls(
            settings.model,
            settings.encoding,
            policy.budget,
            policy.own_text,
            tuple(documents),
            policy.boxes is not None,
        )

    @classmethod
    def from_json(cls, text: str) -> "Shard":
        """Return what `to_json` wrote.

        Raises:
            ValueError: it was written by another version of lighton-ocr.
        """
        return _SHARD.validate_json(text)

    def to_json(self) -> str:
        """Return it as JSON."""
        return _SHARD.dump_json(self).decode()

    def is_read_with(self, settings: ReadingSettings) -> bool:
        """Whether its pages are read as these settings say."""
        return replace(self, documents=()) == Shard.of((), settings)

    def with_passwords(self, passwords: Mapping[str, str | None]) -> Self:
        """Return the same pages with these passwords, by document digest, and no others."""
        documents = (
            replace(document, password=passwords.get(document.digest))
            for document in self.documents
        )
        return replace(self, documents=tuple(documents))

    @property
    def key(self) -> str:
        """A name for its files; the same for the same pages, with or without passwords."""
        text = self.with_passwords({}).to_json()
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def page_count(self) -> int:
        """How many pages it has."""
        return sum(len(document.indices) for document in self.documents)


_SHARD = TypeAdapter(Shard)


@dataclass(frozen=True)
class ShardResults:
    """What a worker read: results by (digest, index).

    `seconds` is how long that kept its engine busy; `gpu` is Modal's name for what it ran on.
    """

    pages: dict[tuple[str, int], PageResult]
    seconds: float
    gpu: str | None

    @classmethod
    def from_lines(cls, text: str) -> "ShardResults":
        """Return what a worker wrote; see `to_lines`."""
        head, *lines = text.splitlines()
        return cls(dict(_load_page(json.loads(line)) for line in lines), **json.loads(head))


def to_lines(pages: Iterable[FinishedPage], seconds: float, gpu: str | None) -> str:
    """Return JSON lines: seconds and GPU, then a line for each page."""
    head = json.dumps({"seconds": seconds, "gpu": gpu})
    return "\n".join([head, *(json.dumps(_page_row(page)) for page in pages)])


def _page_row(page: FinishedPage) -> dict[str, Any]:
    return {
        "digest": page.page.digest,
        "index": page.page.index,
        "result": _RESULT.dump_python(page.result, mode="json"),
    }


def _load_page(row: dict[str, Any]) -> tuple[tuple[str, int], PageResult]:
    return (row["digest"], row["index"]), _RESULT.validate_python(row["result"])
