"""Translate the client library's errors into ours: which of them are worth another attempt?"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import httpx2
import openai

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
    """Translate errors that come before an answer has begun; `timeout_s` is for the message.

    Raises:
        EndpointBusy, RequestFailed: another attempt may succeed.
        AccessDenied, ModelMissing, RequestRefused, EndpointGone, EndpointError: another attempt
            would not help.
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
        fault = connection_error(where, error.__cause__, timeout_s)
        # What waiting does not mend would be the same for every page.
        raise (EndpointGone(str(fault)) if type(fault) is EndpointError else fault) from None


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
        message = error_message(error.body) or error.message
        raise RequestFailed(f"the answer broke off: {message}") from None
    except (httpx2.HTTPError, ValueError, RecursionError) as error:
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


def _message(error: openai.APIStatusError) -> str:
    return error_message(error.body) or error.response.reason_phrase or "no reason given"
