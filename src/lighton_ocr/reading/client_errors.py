"""Translate the errors of HTTP into ours: which of them are worth another attempt?"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import httpx2

from lighton_ocr._http import connection_error
from lighton_ocr.endpoint import BUSY_STATUS_CODES, Endpoint
from lighton_ocr.errors import (
    AccessDenied,
    EndpointBusy,
    EndpointError,
    EndpointGone,
    ModelMissing,
    RequestFailed,
    RequestRefused,
)

_TEMPORARY = (408, 409)  # and all of 5xx: errors that another attempt may not meet
_LONGEST_WAIT = 120.0  # seconds; a server that asks for more is asked again after that


@contextmanager
def translate_errors(endpoint: Endpoint, timeout_s: float) -> Iterator[None]:
    """Translate errors of a connection that gives no answer; `timeout_s` is for the message.

    Raises:
        EndpointBusy: another attempt may succeed.
        EndpointGone: another attempt would not help.
    """
    try:
        yield
    except httpx2.RequestError as error:
        fault = connection_error(endpoint.base_url, error, timeout_s)
        # An error that waiting cannot fix would come again for every page.
        raise (EndpointGone(str(fault)) if type(fault) is EndpointError else fault) from None


@contextmanager
def translate_stream_errors() -> Iterator[None]:
    """Translate errors in the middle of an answer: another attempt may always succeed.

    Raises:
        EndpointBusy, RequestFailed: the answer stopped.
    """
    try:
        yield
    except httpx2.TimeoutException:
        raise EndpointBusy("the answer stalled in the middle") from None
    except httpx2.NetworkError:
        raise RequestFailed("the connection was lost in the middle of the answer") from None
    except (httpx2.HTTPError, ValueError, RecursionError) as error:
        raise RequestFailed(f"the answer broke off ({type(error).__name__})") from None


async def raise_for_status(endpoint: Endpoint, response: httpx2.Response) -> None:
    """Raise the error that a status of 300 or more stands for.

    Raises:
        EndpointBusy, RequestFailed: another attempt may succeed.
        AccessDenied, ModelMissing, RequestRefused, EndpointError: another attempt would not help.
    """
    if response.is_success:
        return
    where, status = endpoint.base_url, response.status_code
    reason = _reason(await response.aread(), response)
    match status:
        case 401 | 403:
            raise AccessDenied(
                f"{where} refuses the key: set LIGHTON_OCR_API_KEY to one that it accepts."
            )
        case 404:
            raise ModelMissing(f"{where} does not serve {endpoint.served_name}: {reason}")
        case 400 | 422:
            raise RequestRefused(f"{where} refuses the page: {reason}")
        case 413:
            raise RequestRefused(
                f"a gateway in front of {where} refuses a request of this size; try --jpeg"
            )
    message = f"{where} answers {status}: {reason}"
    if status in BUSY_STATUS_CODES:
        raise EndpointBusy(message, _retry_after(response.headers))
    if status in _TEMPORARY or status >= 500:
        raise RequestFailed(message)
    raise EndpointError(message)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait that the server asks for, as a number or a date (RFC 9110)."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "")
        try:
            return min(max(0.0, float(value) * unit), _LONGEST_WAIT)
        except ValueError:
            pass
    try:
        date = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(max(0.0, date.timestamp() - time.time()), _LONGEST_WAIT)


def error_message(body: object) -> str | None:
    """Return the server's own words in the body of an error, as one short line; None without any.

    Servers write `{"error": {"message": …}}` as OpenAI does, `{"message": …}`, `{"error": "…"}`,
    `{"errors": [{"message": …}]}`, `{"detail": "…"}`, or FastAPI's list of details.
    """
    if isinstance(body, dict):
        for name in ("error", "errors", "message", "detail", "msg"):
            if message := error_message(body.get(name)):
                return message
        return None
    if isinstance(body, list):
        return "; ".join(filter(None, map(error_message, body[:3]))) or None
    text = " ".join(body.split()).rstrip(".") if isinstance(body, str) else ""
    return (text if len(text) <= 300 else text[:300] + "…") or None


def _reason(content: bytes, response: httpx2.Response) -> str:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = response.text
    return error_message(body) or response.reason_phrase or "no reason given"
