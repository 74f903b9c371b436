"""Connect to a server that is already running: vLLM on a GPU, Modal, any URL."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential,
)

from lighton_ocr._http import (
    MAX_LIST_BYTES,
    check_redirect,
    connection_error,
    explain_environment,
    is_refused,
)
from lighton_ocr.catalog import Model, find_model, models
from lighton_ocr.endpoint import BUSY_STATUS_CODES, Endpoint, Software, is_loopback, is_nearby
from lighton_ocr.errors import (
    AccessDenied,
    EndpointBusy,
    EndpointError,
    ModelMissing,
    UsageError,
)

START_SECONDS = 600.0  # a GPU container may take this long to start: image, weights, compilation
# Modal holds a request for 150 s before it redirects it.
_TIMEOUT = httpx2.Timeout(180.0, connect=10.0)
_SOFTWARE: dict[str, Software] = {"llamacpp": "llama.cpp", "vllm": "vllm"}  # by owner
_NO_LIST = (404, 405, 501)  # of servers that serve a model and list none
Query = tuple[tuple[str, str], ...]
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Served:
    """A row of a server's list: a name of the model whose weights are `root`."""

    name: str
    owner: str
    root: str


@dataclass(frozen=True)
class _Address:
    base_url: str
    query: Query
    api_key: str | None

    @property
    def request(self) -> dict[str, Any]:
        """Return what belongs to each request."""
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        return {"headers": headers, "params": dict(self.query)}


def connect(
    url: str,
    api_key: str | None = None,
    model: Model | None = None,
    wait_seconds: float = START_SECONDS,
    on_wait: Callable[[str], None] = _LOG.info,
) -> Endpoint:
    """Ask a server which models it serves, and wait up to `wait_seconds` while it starts.

    Where nothing listens on this machine or in a private network, it does not wait: a request does
    not start a server there. If `model` is None, the endpoint's model is the first on the server's
    list that is in the catalog. `on_wait` gets one sentence if the server has to be waited for.

    Raises:
        UsageError: the URL is not a URL, or the key cannot be sent.
        AccessDenied: the server refuses the key.
        ModelMissing: the server does not serve the model, or none that the catalog knows.
        EndpointError: the server does not answer in time, or not as an OpenAI-compatible one does.
    """
    base_url, query = parse_url(url)
    address = _Address(base_url, query, _clean_key(api_key))
    told: list[bool] = []

    def before_sleep(state: RetryCallState) -> None:
        if not told:
            fault = state.outcome.exception() if state.outcome else None
            on_wait(f"{fault}; waiting up to {wait_seconds:.0f} seconds for it to start.")
            told.append(True)

    for attempt in Retrying(
        retry=retry_if_exception_type(EndpointBusy),
        wait=wait_exponential(multiplier=0.5, max=5),
        stop=stop_after_delay(wait_seconds),
        before_sleep=before_sleep,
        reraise=True,
    ):
        with attempt:
            served = _list_models(address)
    return _endpoint(address, model, served)


def parse_url(url: str) -> tuple[str, Query]:
    """Return the base URL of the OpenAI API and the query that follows it.

    `url` may end in `/v1`, in a slash, or in neither; a query, as gateways need it
    (`?api-version=…`), is sent with each request.

    Raises:
        UsageError: it is not an http(s) URL.
    """
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        parsed = httpx2.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageError(
            f"{url!r} is not a URL. Use one such as https://…, which `make deploy` prints."
        )
    path = parsed.path.rstrip("/").removesuffix("/v1") + "/v1"
    base = parsed.copy_with(path=path, query=None, fragment=None)
    return str(base), tuple(parsed.params.multi_items())


def _clean_key(key: str | None) -> str | None:
    key = key.strip() if key else None  # files and clipboards add a line break
    if key and not (key.isascii() and key.isprintable()):
        raise UsageError(
            "The API key contains characters that an HTTP header cannot carry; copy it again."
        )
    return key or None


def _list_models(address: _Address) -> list[_Served] | None:
    """Return the served models, None from a server that has no such list."""
    url = f"{address.base_url}/models"
    status, body = _get(address, url)
    if status in (401, 403):
        raise AccessDenied(
            f"{address.base_url} refuses the key: set LIGHTON_OCR_API_KEY to one that it accepts."
        )
    if status in BUSY_STATUS_CODES:
        raise EndpointBusy(f"{address.base_url} answers {status}")
    if status in _NO_LIST:
        return None
    if status != 200:
        raise EndpointError(
            f"{url} answers {status}: is this the address of an OpenAI-compatible server?"
        )
    try:
        return [
            _Served(str(row["id"]), str(row.get("owned_by")), str(row.get("root") or row["id"]))
            for row in json.loads(body)["data"]
        ]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise EndpointError(
            f"{url} answers, but not as an OpenAI-compatible server does."
        ) from None


def _get(address: _Address, url: str) -> tuple[int, bytes]:
    """Return the status and the body of the answer at a URL of the server."""
    try:
        with explain_environment():
            client = httpx2.Client(
                timeout=_TIMEOUT,
                trust_env=not is_loopback(url),
                follow_redirects=True,
                event_hooks={"response": [check_redirect]},
            )
        with client, client.stream("GET", url, **address.request) as response:
            return response.status_code, _read(response)
    except httpx2.HTTPError as error:
        if is_refused(error) and is_nearby(url):
            raise EndpointError(
                f"Nothing listens at {address.base_url}: start the server first, or check the "
                "address and its port."
            ) from None
        raise connection_error(address.base_url, error, _TIMEOUT.read or 0) from None


def _read(response: httpx2.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_LIST_BYTES:
            raise EndpointError(f"{response.url} answers with more than a list of models.")
    return bytes(body)


def _endpoint(address: _Address, model: Model | None, served: list[_Served] | None) -> Endpoint:
    if served is None:
        if model is None:
            raise EndpointError(
                f"{address.base_url}/models does not exist: is this the address of an "
                "OpenAI-compatible server? If so, name its model with --model."
            )
        served = [_Served(model.id, "", model.id)]
    names = [one.name for one in served]
    if model is None:
        model, name = _recognise(address.base_url, names)
    else:
        name = _named(address.base_url, model, served)
    return Endpoint(
        base_url=address.base_url,
        model=model,
        served_name=name,
        api_key=address.api_key,
        software=_SOFTWARE.get(next(one.owner for one in served if one.name == name).lower()),
        query=address.query,
    )


def _named(base_url: str, model: Model, served: list[_Served]) -> str:
    names = [one.name for one in served]
    own = {name.lower() for name in model.names}
    foreign = {name.lower() for other in models() for name in other.names} - own
    matches = [name for name in names if name.lower() in own]
    if len({one.root for one in served}) == 1 and foreign.isdisjoint(map(str.lower, names)):
        matches = matches or names  # a private name or a folder: the user knows what it is
    if not matches:
        raise ModelMissing(
            f"{base_url} does not serve {model.id}; it serves {', '.join(names) or 'nothing'}."
        )
    return matches[0]


def _recognise(base_url: str, names: list[str]) -> tuple[Model, str]:
    known = {alias.lower(): model for model in models() for alias in model.names}
    for name in names:
        if name.lower() in known:
            return find_model(name), name
    raise ModelMissing(
        f"{base_url} serves {', '.join(names) or 'nothing'}, which is not a model that lighton-ocr "
        "knows. If it is a LightOnOCR model, name it with --model (see `lighton-ocr models`)."
    )
