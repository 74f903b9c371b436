"""An endpoint that somebody else brought up: vLLM on a GPU, Modal, any URL."""

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

START_SECONDS = 600.0  # what a cold GPU container may take: image, weights, compilation
# One look may hang as long as Modal holds a request before it redirects.
_TIMEOUT = httpx2.Timeout(180.0, connect=10.0)
_SOFTWARE: dict[str, Software] = {"llamacpp": "llama.cpp", "vllm": "vllm"}  # by owner
_LOG = logging.getLogger(__name__)


class _Starting(EndpointError):
    """Refused, silent or 503: a server that may be on its way up."""


def connect(
    url: str,
    api_key: str | None = None,
    model: Model | None = None,
    wait_seconds: float = START_SECONDS,
    on_wait: Callable[[str], None] = _LOG.info,
) -> Endpoint:
    """Ask a server what it serves, waiting while it starts.

    With `model` None the server's own list decides: the first of its names that the catalog knows.
    `on_wait` is told once, in a sentence, when there is something to wait for.

    Raises:
        UsageError: the URL is none, or the served model has to be named.
        AccessDenied: the key is refused.
        ModelMissing: the model is not among those it serves.
        EndpointError: nobody answers within `wait_seconds`, or the answer makes no sense.
    """
    base_url = normalise(url)
    api_key = _sendable(api_key)
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
            served = _list(base_url, api_key)
    return _endpoint(base_url, api_key, model, served)


def normalise(url: str) -> str:
    """The base URL of the OpenAI API, whether `/v1` or a slash was written or not.

    Raises:
        UsageError: it is no http(s) URL.
    """
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        parsed = httpx2.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageError(f"{url!r} is not a URL; write https://… as `make deploy` printed it.")
    return url.rstrip("/").removesuffix("/v1") + "/v1"


def _sendable(key: str | None) -> str | None:
    key = key.strip() if key else None  # a line's end, as a file or a clipboard adds it
    if key and not (key.isascii() and key.isprintable()):
        raise UsageError("The key holds signs that no request can carry: copy it once more.")
    return key or None


def _list(base_url: str, api_key: str | None) -> list[tuple[str, str]]:
    """(name, owner) of each served model."""
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
        raise _Starting(f"{base_url} {'is silent' if slow else 'cannot be reached'}") from None
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
        matches = names  # a private name or a folder: the user knows what is behind it
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
        f"{base_url} serves {', '.join(names) or 'nothing'}, which is no LightOnOCR model that "
        "lighton-ocr knows. Say which one it is: --model (`lighton-ocr models` lists them)."
    )
