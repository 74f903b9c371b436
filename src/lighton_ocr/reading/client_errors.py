"""Translate the client library's errors into ours: which of them are worth another attempt?"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import httpx2
import openai

from lighton_ocr.endpoint import BUSY_STATUS_CODES, Endpoint
from lighton_ocr.errors import (
    AccessDenied,
    EndpointBusy,
    EndpointError,
    ModelMissing,
    RequestFailed,
    RequestRefused,
)

_TEMPORARY = (408, 409)  # and all of 5xx: errors that another attempt may not meet
_LONGEST_WAIT = 120.0  # seconds; a server that asks for more is asked again after that
_CLOSED = (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)


@contextmanager
def translate_errors(endpoint: Endpoint, timeout_s: float) -> Iterator[None]:
    """Translate errors that come before an answer has begun; `timeout_s` is for the message.

    Raises:
        EndpointBusy, RequestFailed: another attempt may succeed.
        AccessDenied, ModelMissing, RequestRefused, EndpointError: another attempt would not help.
    """
    where = endpoint.base_url
    try:
        yield
    except (openai.AuthenticationError, openai.PermissionDeniedError):
        raise AccessDenied(
            f"{where} refuses the key: set LIGHTON_OCR_API_KEY to one that it accepts."
        ) from None
    except openai.NotFoundError as error:
        served = endpoint.served_name
        raise ModelMissing(f"{where} does not serve {served}: {_message(error)}") from None
    except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
        raise RequestRefused(f"{where} refuses the page: {_message(error)}") from None
    except openai.APIStatusError as error:
        if error.status_code == 413:
            raise RequestRefused(
                f"a gateway in front of {where} refuses a request of this size; try --jpeg"
            ) from None
        raise _by_status(where, error) from None
    except openai.APIConnectionError as error:
        if isinstance(error.__cause__, httpx2.ReadTimeout):
            raise EndpointBusy(f"{where} did not answer within {timeout_s:.0f} seconds") from None
        if isinstance(error.__cause__, _CLOSED):
            raise EndpointBusy(f"{where} closed the connection without an answer") from None
        raise EndpointBusy(f"{where} cannot be reached") from None


@contextmanager
def translate_stream_errors() -> Iterator[None]:
    """Translate errors in the middle of an answer: another attempt may always succeed.

    Raises:
        EndpointBusy, RequestFailed: the answer stopped.
    """
    try:
        yield
    except (openai.APITimeoutError, httpx2.TimeoutException):
        raise EndpointBusy("the answer stalled in the middle") from None
    except openai.APIConnectionError:
        raise RequestFailed("the connection was lost in the middle of the answer") from None
    except openai.APIError as error:
        raise RequestFailed(f"the answer broke off: {error.message}") from None
    except (httpx2.HTTPError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RequestFailed(f"the answer broke off ({type(error).__name__})") from None


def _by_status(where: str, error: openai.APIStatusError) -> EndpointError:
    message = f"{where} answers {error.status_code}: {_message(error)}"
    if error.status_code in BUSY_STATUS_CODES:
        return EndpointBusy(message, _retry_after(error.response.headers))
    temporary = error.status_code in _TEMPORARY or error.status_code >= 500
    return RequestFailed(message) if temporary else EndpointError(message)


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


def _message(error: openai.APIStatusError) -> str:
    """Return the server's own message, as one short line."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    text = " ".join(str(message or error.response.reason_phrase or "no reason given").split())
    return text if len(text) <= 300 else text[:300] + "…"
