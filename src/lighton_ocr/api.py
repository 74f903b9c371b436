"""Read a document in one call; open the endpoint that settings and arguments ask for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from anyio.from_thread import start_blocking_portal

from lighton_ocr.catalog import DEFAULT_MODEL, POCKET, find_model
from lighton_ocr.config import load_config
from lighton_ocr.documents import Document, load_source, open_document
from lighton_ocr.endpoint import Endpoint, Engine
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.engines.remote import connect
from lighton_ocr.engines.vllm.engine import VllmEngine
from lighton_ocr.errors import UsageError
from lighton_ocr.reading.reader import Reader
from lighton_ocr.reading.results import DocumentResult, PageResult

POCKET_NOTICE = (
    "Reading with the small pocket model, on this processor: good for clean print. For better "
    "reading: --model 1b (here, slow), or `make deploy` (a GPU on Modal)."
)


@contextmanager
def open_endpoint(
    url: str | None = None,
    model: str | None = None,
    api_key: str | None = None,
    engine: Engine | None = None,
    on_notice: Callable[[str], None] = lambda _: None,
) -> Iterator[Endpoint]:
    """Open the endpoint that arguments, environment and config file ask for, in that order.

    With a URL, wait for the server there. Without one, run an engine as long as the `with` block
    lasts: the embedded one, unless `engine` is `vllm`, with the pocket model if none is named.
    `on_notice` gets sentences for the user.

    Raises:
        UsageError: an unknown model, an invalid URL, or a URL and an engine.
        EndpointError: no endpoint available.
    """
    settings = load_config()
    if url is not None and engine:
        raise UsageError("--engine starts a server, --url names a running one: choose one of them.")
    if url is None and not engine:
        url = settings.url
    name = settings.model if model is None else model
    if url is not None:
        stored = settings.api_key.get_secret_value() if settings.api_key else None
        known = None if name is None else find_model(name)
        yield connect(url, api_key or stored, known, on_wait=on_notice)
        return
    if engine == "vllm":
        with VllmEngine(find_model(DEFAULT_MODEL if name is None else name), on_notice) as endpoint:
            yield endpoint
        return
    if name is None:
        on_notice(POCKET_NOTICE)
    with EmbeddedEngine(find_model(POCKET if name is None else name)) as endpoint:
        yield endpoint


def read(
    source: str | Path,
    *,
    pages: str | None = None,
    password: str | None = None,
    url: str | None = None,
    model: str | None = None,
    api_key: str | None = None,
) -> DocumentResult:
    """Read one document: `lighton_ocr.read("invoice.pdf").markdown`.

    `source` is a path, an http(s) URL, or `-` for standard input; `pages` a range such as
    `1-3,7,-1`. Without a `url` here or in the settings, the embedded engine reads. Pages that fail
    are part of the result, marked: see `DocumentResult.failed_pages`. It also works in a notebook.

    Raises:
        DocumentError: the document cannot be opened.
        UsageError: the range or a name makes no sense.
        EndpointError: no endpoint available.
    """

    loaded = load_source(str(source))
    with (
        open_document(loaded, password) as document,
        open_endpoint(url, model, api_key) as endpoint,
        # A notebook already runs an event loop in this thread, so read in another one. Ctrl-C here
        # ends it, too.
        start_blocking_portal() as portal,
    ):
        results = portal.call(_read, document, pages, endpoint)
    return DocumentResult(loaded.name, results, endpoint.model.id, endpoint.label)


async def _read(
    document: Document, pages: str | None, endpoint: Endpoint
) -> tuple[PageResult, ...]:
    async with Reader(endpoint) as reader:
        return tuple([result async for result in reader.read(document, pages)])
