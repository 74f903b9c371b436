"""Connect to a server that is already running: vLLM on a GPU, Modal, any URL."""

import logging
from collections.abc import Callable

import httpx2
import openai
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential,
)

from lighton_ocr.catalog import Model, find_model, models
from lighton_ocr.endpoint import BUSY_STATUS_CODES, Endpoint, Software, is_loopback
from lighton_ocr.errors import AccessDenied, EndpointError, ModelMissing, UsageError

START_SECONDS = 600.0  # a GPU container may take this long to start: image, weights, compilation
# Modal holds a request for 150 s before it redirects it.
_TIMEOUT = httpx2.Timeout(180.0, connect=10.0)
_SOFTWARE: dict[str, Software] = {"llamacpp": "llama.cpp", "vllm": "vllm"}  # by owner
_LOG = logging.getLogger(__name__)


class _Starting(EndpointError):
    """Unreachable, silent or busy: a server that may still be starting."""


def connect(
    url: str,
    api_key: str | None = None,
    model: Model | None = None,
    wait_seconds: float = START_SECONDS,
    on_wait: Callable[[str], None] = _LOG.info,
) -> Endpoint:
    """Ask a server which models it serves, and wait up to `wait_seconds` while it starts.

    If `model` is None, the endpoint's model is the first on the server's list that is in the
    catalog. If there is something to wait for, `on_wait` is called once, with a sentence.

    Raises:
        UsageError: the URL is not a URL, or the key cannot be sent.
        AccessDenied: the server refuses the key.
        ModelMissing: the server does not serve the model, or none that the catalog knows.
        EndpointError: the server does not answer in time, or not as an OpenAI-compatible one does.
    """
    base_url = normalise(url)
    api_key = _clean_key(api_key)
    told: list[bool] = []

    def before_sleep(state: RetryCallState) -> None:
        if not told:
            fault = state.outcome.exception() if state.outcome else None
            on_wait(f"{fault}; waiting up to {wait_seconds:.0f} seconds for it to start.")
            told.append(True)

    for attempt in Retrying(
        retry=retry_if_exception_type(_Starting),
        wait=wait_exponential(multiplier=0.5, max=5),
        stop=stop_after_delay(wait_seconds),
        before_sleep=before_sleep,
        reraise=True,
    ):
        with attempt:
            served = _list_models(base_url, api_key)
    return _endpoint(base_url, api_key, model, served)


def normalise(url: str) -> str:
    """Return the base URL of the OpenAI API, with or without `/v1` or a slash at the end of `url`.

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
    return url.rstrip("/").removesuffix("/v1") + "/v1"


def _clean_key(key: str | None) -> str | None:
    key = key.strip() if key else None  # files and clipboards add a line break
    if key and not (key.isascii() and key.isprintable()):
        raise UsageError(
            "The API key contains characters that an HTTP header cannot carry; copy it again."
        )
    return key or None


def _list_models(base_url: str, api_key: str | None) -> list[tuple[str, str]]:
    """Return (name, owner) of each served model."""
    client = openai.OpenAI(
        base_url=base_url,
        api_key=api_key or "none",
        max_retries=0,
        http_client=openai.DefaultHttpxClient(
            timeout=_TIMEOUT, trust_env=not is_loopback(base_url)
        ),
    )
    try:
        with client:
            return [(row.id, row.owned_by or "") for row in client.models.list()]
    except (openai.AuthenticationError, openai.PermissionDeniedError):
        raise AccessDenied(
            f"{base_url} refuses the key: set LIGHTON_OCR_API_KEY to one that it accepts."
        ) from None
    except openai.APIConnectionError as error:
        slow = isinstance(error, openai.APITimeoutError)
        raise _Starting(
            f"{base_url} {'does not answer' if slow else 'cannot be reached'}"
        ) from None
    except openai.APIStatusError as error:
        if error.status_code in BUSY_STATUS_CODES:
            raise _Starting(f"{base_url} answers {error.status_code}") from None
        raise EndpointError(
            f"{base_url}/models answers {error.status_code}: is this the address of an "
            "OpenAI-compatible server?"
        ) from None
    except (openai.OpenAIError, ValueError, AttributeError, TypeError):
        raise EndpointError(
            f"{base_url}/models answers, but not as an OpenAI-compatible server does."
        ) from None


def _endpoint(
    base_url: str, api_key: str | None, model: Model | None, served: list[tuple[str, str]]
) -> Endpoint:
    names = [name for name, _ in served]
    if model is None:
        model, name = _recognise(base_url, names)
    else:
        name = _named(base_url, model, names)
    owner = dict(served)[name].lower()
    return Endpoint(
        base_url=base_url,
        model=model,
        served_name=name,
        api_key=api_key,
        software=_SOFTWARE.get(owner),
    )


def _named(base_url: str, model: Model, names: list[str]) -> str:
    own = {name.lower() for name in model.names}
    foreign = {name.lower() for other in models() for name in other.names} - own
    matches = [name for name in names if name.lower() in own]
    if not matches and len(names) == 1 and names[0].lower() not in foreign:
        matches = names  # a private name or a folder: the user knows what it is
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
