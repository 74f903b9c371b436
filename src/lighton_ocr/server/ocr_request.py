"""The request of `/v1/ocr`: Mistral's schema, and our own options.

Source of the schema: `OCRRequest` in the mistralai package. Fields that this server does not
support are refused by name.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from lighton_ocr._text import pluralize
from lighton_ocr.catalog import Model
from lighton_ocr.documents import choose_pages
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.errors import UsageError
from lighton_ocr.formats import FORMATS, find_format
from lighton_ocr.formats.options import DEFAULT_OPTIONS

TableFormat = Literal["markdown", "html"]

_RANGES = re.compile(r"\d{1,6}(-\d{1,6})?(,\d{1,6}(-\d{1,6})?)*")
# What each field may say without effect, besides null.
_UNSUPPORTED: dict[str, tuple[object, ...]] = {
    "image_limit": (0,),
    "image_min_size": (0,),
    "bbox_annotation_format": (),
    "document_annotation_format": (),
    "document_annotation_prompt": (),
    "extract_header": (False,),
    "extract_footer": (False,),
    "confidence_scores_granularity": (),
}
# Of these, what needs a model that says which blocks are margins.
_OF_MARGINS = ("extract_header", "extract_footer")
_IN_PAGES = ("table_format", "extract_header", "extract_footer")  # the answer's, in JSON


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DocumentUrl(_Strict):
    """A document as a data URL or, where the server allows it, an http(s) URL."""

    type: Literal["document_url"] = "document_url"
    document_url: str
    document_name: str | None = None


class ImageAddress(_Strict):
    """An image's URL, as OpenAI's clients nest it."""

    url: str
    detail: str | None = None


class ImageUrl(_Strict):
    """An image as a data URL or, where the server allows it, an http(s) URL."""

    type: Literal["image_url"] = "image_url"
    image_url: str | ImageAddress


class FileId(_Strict):
    """A file that was uploaded to `/v1/files`."""

    type: Literal["file"] = "file"
    file_id: str


def _kind(document: Any) -> str:
    if isinstance(document, dict):
        named = str(document.get("type"))
        return named if named in ("document_url", "image_url") else "file"
    return str(getattr(document, "type", "file"))


Document = Annotated[
    Annotated[DocumentUrl, Tag("document_url")]
    | Annotated[ImageUrl, Tag("image_url")]
    | Annotated[FileId, Tag("file")],
    Discriminator(_kind),
]


def _list(value: Any) -> Any:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _formats(value: Any) -> Any:
    """Return the names in a list or text; `all` stands for those that cost no further work."""
    names = _list(value)
    if not isinstance(names, list) or "all" not in names:
        return names
    cheap = [format.name for format in FORMATS.values() if not format.needs_original]
    return list(dict.fromkeys([*cheap, *(name for name in names if name != "all")]))


class OcrOptions(_Strict, ABC):
    """How a document is read, and what the answer carries; `formats` may be `all` texts."""

    model: str | None = None
    include_image_base64: bool | None = None
    image_limit: int | None = None
    image_min_size: int | None = None
    bbox_annotation_format: dict[str, Any] | None = None
    document_annotation_format: dict[str, Any] | None = None
    document_annotation_prompt: str | None = None
    table_format: TableFormat | None = None
    extract_header: bool | None = None
    extract_footer: bool | None = None
    include_blocks: bool | None = None
    confidence_scores_granularity: Literal["word", "page", "block"] | None = None
    password: str | None = None
    stream: bool = False
    include_page_images: bool = False
    include_html: bool = False
    formats: Annotated[list[str], BeforeValidator(_formats), Field(max_length=16)] = []

    @property
    def gives_pages(self) -> bool:
        """Whether the answer lists pages in JSON, unless it is a stream."""
        return True

    @property
    def wants_blocks(self) -> bool:
        """Whether the answer has blocks or pictures of figures."""
        return bool(self.include_blocks or self.include_image_base64)

    def check(self, endpoint: Endpoint, *, is_stream: bool) -> None:
        """Refuse what this server cannot do.

        Raises:
            Refused: a field asks for something that is not done (422), or for another model (404).
            UsageError: an unknown format.
        """
        of_model = _OF_MARGINS if endpoint.model.box_grammar == "layout" else ()
        for name, neutral in _UNSUPPORTED.items():
            value = getattr(self, name)
            if value is not None and value not in neutral and name not in of_model:
                raise Refused(422, f"This server does not support `{name}`: leave it out.", name)
        if is_stream or not self.gives_pages:
            for name in _IN_PAGES if is_stream else (*_IN_PAGES, "include_blocks"):
                if getattr(self, name):
                    raise Refused(
                        422, f"Only the answer in JSON has `{name}`, not a stream or a file.", name
                    )
        if self.model is not None and not serves(endpoint, self.model):
            raise unknown_model(endpoint.model, self.model)
        for format in self.formats:
            check_format(format, "formats")

    @abstractmethod
    def choose(self, count: int, name: str) -> Sequence[int]:
        """Return the indices (from 0) of the pages to read of a document of `count` pages.

        Raises:
            UsageError, Refused: there are no such pages.
        """


class OcrRequest(OcrOptions):
    """A request as JSON. `pages` counts from 0: a list, or a text such as `0,2-4`."""

    document: Document
    pages: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=10_000)] | str | None = (
        None
    )

    def choose(self, count: int, name: str) -> Sequence[int]:
        """See `OcrOptions`."""
        if self.pages is None:
            return range(count)
        if isinstance(self.pages, str):
            wanted = _indices(self.pages.replace(" ", ""), count)
        else:
            wanted = dict.fromkeys(self.pages)
        if not wanted:
            raise Refused(422, "`pages` is empty: leave it out to read all pages.", "pages")
        for index in wanted:
            if index >= count:
                pages = pluralize(count, "page")
                raise Refused(
                    422,
                    f"{name} has {pages}, and `pages` counts from 0: there is no {index}.",
                    "pages",
                )
        return tuple(wanted)


class FormRequest(OcrOptions):
    """The same options as form fields or query parameters, beside a file.

    `pages` counts from 1, as `lighton-ocr read --pages` does: `1-3,7,-1`. With `format`, the answer
    is the document in that format.
    """

    pages: str | None = None
    format: str | None = None

    @property
    def gives_pages(self) -> bool:
        """See `OcrOptions`."""
        return self.format is None

    def check(self, endpoint: Endpoint, *, is_stream: bool) -> None:
        """See `OcrOptions`."""
        super().check(endpoint, is_stream=is_stream)
        if self.format is not None:
            check_format(self.format, "format")
            if is_stream:
                raise Refused(422, "A stream has `formats`, not `format`.", "format")

    def choose(self, count: int, name: str) -> Sequence[int]:
        """See `OcrOptions`."""
        try:
            return choose_pages(self.pages, count, name)
        except UsageError as error:  # clients ask for other pages if `param` says so
            raise Refused(422, str(error), "pages") from None


def check_format(name: str, field: str | None) -> None:
    """Check that this server can write a format.

    Raises:
        UsageError: there is no such format.
        Refused: libraries are missing (422).
    """
    format = find_format(name)
    try:
        format.check(DEFAULT_OPTIONS)
    except UsageError:
        raise Refused(
            422,
            f"This server cannot write {name}, because OCRmyPDF is not installed on it: choose "
            f"another format, or install lighton-ocr[{name}] there.",
            field,
        ) from None


def serves(endpoint: Endpoint, name: str) -> bool:
    """Whether a request may call the endpoint's model by that name."""
    own = {endpoint.served_name, *endpoint.model.names}
    return name.lower() in {other.lower() for other in own}


def unknown_model(served: Model, wanted: str) -> Refused:
    """Return the answer to a request for another model."""
    return Refused(404, f"This server serves {served.id}, and not {wanted[:100]}.", "model")


def _indices(ranges: str, count: int) -> dict[int, None]:
    if not _RANGES.fullmatch(ranges):
        raise Refused(422, "`pages` must be a list or a string such as 0,2-4.", "pages")
    wanted: dict[int, None] = {}
    for item in ranges.split(","):
        first, _, last = item.partition("-")
        if int(last or first) < int(first):
            raise Refused(422, f"`pages`: the range {item} runs backwards.", "pages")
        end = min(int(last or first), count)  # one past the last page is enough to be refused
        wanted.update(dict.fromkeys((int(first), *range(int(first), end + 1))))
    return wanted
