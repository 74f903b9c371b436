"""What `lighton-ocr read` was asked to do, and the documents that it has opened for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lighton_ocr.catalog import Model, check_margins
from lighton_ocr.documents import DocumentFile, Source
from lighton_ocr.documents.pages import Encoding
from lighton_ocr.formats.divided_words import Vocabulary
from lighton_ocr.formats.options import OutputOptions
from lighton_ocr.reading.attempts import OwnTextMode
from lighton_ocr.reading.results import PageResult


@dataclass(frozen=True)
class ReadJob:
    """One call of `lighton-ocr read`."""

    files: tuple[str, ...]
    pages: str | None
    output: str | None
    format: str | None
    model: str | None
    url: str | None
    password: str | None
    encoding: Encoding
    page_timeout: float | None
    own_text: OwnTextMode | None
    ocr_drafts: bool
    boxes: bool
    options: OutputOptions

    def check_model(self, model: Model) -> None:
        """Check that a model tells margins, if they are to be left out.

        Raises:
            UsageError: it does not.
        """
        if not self.options.margins:
            check_margins(model, "--no-margins")


@dataclass(eq=False)
class JobDocument:
    """A document that is being read: where its text goes, and its results so far.

    `printed` counts the pages that standard output has already, and `words` are theirs.
    """

    source: Source
    file: DocumentFile
    target: Path | None
    page_count: int
    chosen: Sequence[int]
    done: dict[int, PageResult] = field(default_factory=dict)
    printed: int = 0
    words: Vocabulary = field(default_factory=Vocabulary)

    @property
    def results(self) -> tuple[PageResult, ...]:
        """The results so far, in the order in which pages were asked for."""
        return tuple(self.done[index] for index in self.chosen if index in self.done)
