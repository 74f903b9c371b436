"""One page over the wire: an OpenAI chat completion, streamed."""

import base64
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from statistics import fmean
from typing import Any, Self

import httpx2
import openai

from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.endpoint import DRAFT_FIELD, Endpoint
from lighton_ocr.errors import AccessDenied, EndpointError, ModelMissing, RequestRefused

# A first answer may wait for a GPU to start: Modal holds a request 150 s, then redirects it to
# itself (303), again and again. Between two events of a stream this is far more than any decoder
# needs.
TIMEOUT = httpx2.Timeout(300.0, connect=10.0)
# Servers close a connection that has been idle for 5 seconds (vLLM's and llama.cpp's default): one
# that is nearly so old may be closed while a page is on its way.
_IDLE_SECONDS = 3.0
_BUSY = (429, 502, 503, 504, 524)
_PASSING = (408, 409)  # and all of 5xx: a server's passing trouble
_LONGEST_WAIT = 120.0  # seconds; a server that asks for more is asked again all the same
_HUNG_UP = (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)
_PACKED_TOKENS = 64  # tokens an event when nobody watches; each event costs about 0.4 ms here


class TryAgain(EndpointError):
    """No answer, or half of one; asking again may well help."""


class Busy(TryAgain):
    """The endpoint takes no more for now, is starting, silent, or away.

    `retry_after` is what it asked for, in seconds.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True)
class PageRequest:
    """What is asked for a page."""

    page: EncodedPage
    temperature: float
    top_p: float
    max_tokens: int


@dataclass(frozen=True)
class Answer:
    """What came back. `finish` is the server's reason, or `loop` when the stream was cut here.

    `confidence` is as in a `PageResult`.
    """

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int
    confidence: float | None = None


@dataclass(frozen=True)
class _Event:
    """One chunk of a stream; tokens are counted from the start, None where it does not say."""

    piece: str
    finish: str
    prompt_tokens: int
    completion_tokens: int | None
    logprobs: tuple[float, ...]


class PageClient:
    """Sends pages to one endpoint; use it inside `async with`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._http = openai.DefaultAsyncHttpxClient(
            timeout=TIMEOUT,
            trust_env=endpoint.heeds_environment,
            limits=httpx2.Limits(
                max_connections=None,
                max_keepalive_connections=None if endpoint.keeps_connections else 0,
                keepalive_expiry=_IDLE_SECONDS,
            ),
        )
        self._openai = openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            # Never None: the library would send the user's OPENAI_API_KEY to a stranger.
            api_key=endpoint.api_key or "none",
            http_client=self._http,
            # Whoever asks decides when to ask again: a busy endpoint must be seen as one.
            max_retries=0,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._openai.close()

    async def ask(
        self, request: PageRequest, on_text: Callable[[str], bool], live: bool = False
    ) -> Answer:
        """Send one page, once, and take in its answer.

        `on_text` is called with each piece and returns True to cut the stream short. `live` asks
        for each token as it is made.

        Raises:
            TryAgain: the answer ended in the middle, or the server failed.
            Busy: too many requests, starting, silent for too long, or unreachable.
            AccessDenied, ModelMissing, RequestRefused: asking again would not help.
        """
        with _translated(self._endpoint):
            # The library's own method would turn each chunk into a typed object that nobody looks
            # at, which took a third of the client's time.
            stream = await self._openai.post(
                "/chat/completions",
                cast_to=object,
                body=self._body(request, live),
                stream=True,
                stream_cls=openai.AsyncStream[object],
            )
        async with stream:
            with _translated_in_stream():
                return await _collect(stream, on_text)

    def _body(self, request: PageRequest, live: bool) -> dict[str, Any]:
        extra: dict[str, Any] = {}
        options = {"include_usage": True}
        if self._endpoint.is_vllm:
            options["continuous_usage_stats"] = True  # tells a chunk that comes twice
        if self._endpoint.is_vllm and not live:
            extra["stream_interval"] = _PACKED_TOKENS
        if self._endpoint.is_vllm and request.page.draft:
            extra["vllm_xargs"] = {DRAFT_FIELD: request.page.draft}
        if self._endpoint.embedded:  # a GPU's server would pay for it with every token
            extra |= {"logprobs": True, "top_logprobs": 1}
        if self._endpoint.model.template_kwargs:
            extra["chat_template_kwargs"] = self._endpoint.model.template_kwargs
        return {
            "model": self._endpoint.served_name,
            "messages": [{"role": "user", "content": [image_part(request.page)]}],
            "temperature": request.temperature,
            "top_p": request.top_p,
            "max_tokens": request.max_tokens,
            "stream": True,
            "stream_options": options,
        } | extra


def image_part(page: EncodedPage) -> dict[str, Any]:
    """A page as the part of a message that holds it."""
    data = base64.b64encode(page.data).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{page.media_type};base64,{data}"}}


async def _collect(stream: openai.AsyncStream[object], on_text: Callable[[str], bool]) -> Answer:
    pieces: list[str] = []
    logprobs: list[float] = []
    finish = ""
    prompt_tokens = completion_tokens = 0
    last: _Event | None = None
    async for chunk in stream:
        event = _event(chunk)
        if event == last and event.completion_tokens is not None:
            continue  # sent twice: a new piece would have more tokens behind it
        last = event
        prompt_tokens = event.prompt_tokens or prompt_tokens
        completion_tokens = event.completion_tokens or completion_tokens
        logprobs += event.logprobs
        if event.piece:
            pieces.append(event.piece)
            if on_text(event.piece):
                # Without a count, at least one token an event was made.
                tokens = completion_tokens or len(pieces)
                return Answer("".join(pieces), "loop", prompt_tokens, tokens, _mean(logprobs))
        finish = event.finish or finish
    if not finish:
        raise TryAgain("the answer stopped in the middle")
    return Answer("".join(pieces), finish, prompt_tokens, completion_tokens, _mean(logprobs))


def _mean(logprobs: list[float]) -> float | None:
    return math.exp(fmean(logprobs)) if logprobs else None


def _event(chunk: Any) -> _Event:
    # A server may send anything.
    try:
        choice = chunk["choices"][0] if chunk["choices"] else {}
        piece = choice.get("delta", {}).get("content") or ""
        usage = chunk.get("usage") or {}
        prompt, completion = usage.get("prompt_tokens", 0), usage.get("completion_tokens")
        tokens = (choice.get("logprobs") or {}).get("content") or ()
        return _Event(
            str(piece).encode(errors="replace").decode(),  # half a surrogate pair, in no text file
            str(choice.get("finish_reason") or ""),
            prompt,
            completion,
            tuple(token["logprob"] for token in tokens),
        )
    except (AttributeError, TypeError, LookupError):
        raise TryAgain("the answer is no chat completion") from None


@contextmanager
def _translated(endpoint: Endpoint) -> Iterator[None]:
    """Turn the client library's errors into ours, before an answer has begun."""
    where = endpoint.base_url
    try:
        yield
    except (openai.AuthenticationError, openai.PermissionDeniedError):
        raise AccessDenied(
            f"{where} refuses the key: set LIGHTON_OCR_API_KEY to one that it accepts."
        ) from None
    except openai.NotFoundError as error:
        served = endpoint.served_name
        raise ModelMissing(f"{where} does not serve {served}: {_said(error)}") from None
    except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
        raise RequestRefused(f"{where} refuses the page: {_said(error)}") from None
    except openai.APIStatusError as error:
        if error.status_code == 413:
            raise RequestRefused(
                f"a gateway before {where} refuses a request of this size; try --jpeg"
            ) from None
        raise _worth_another_try(where, error) from None
    except openai.APIConnectionError as error:
        if isinstance(error.__cause__, httpx2.ReadTimeout):
            raise Busy(f"{where} did not answer within {TIMEOUT.read:.0f} seconds") from None
        if isinstance(error.__cause__, _HUNG_UP):
            raise Busy(f"{where} closed the connection without an answer") from None
        raise Busy(f"{where} cannot be reached") from None


def _worth_another_try(where: str, error: openai.APIStatusError) -> EndpointError:
    message = f"{where} answers {error.status_code}: {_said(error)}"
    if error.status_code in _BUSY:
        return Busy(message, _retry_after(error.response.headers))
    passing = error.status_code in _PASSING or error.status_code >= 500
    return TryAgain(message) if passing else EndpointError(message)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait: milliseconds, seconds, or a date (RFC 9110)."""
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


@contextmanager
def _translated_in_stream() -> Iterator[None]:
    """The same once an answer has begun: whatever happens then, asking again may help."""
    try:
        yield
    except (openai.APITimeoutError, httpx2.TimeoutException):
        raise Busy("the answer stood still in the middle") from None
    except openai.APIConnectionError:
        raise TryAgain("the connection was lost in the middle of the answer") from None
    except openai.APIError as error:
        raise TryAgain(f"the answer broke off: {error.message}") from None
    except (httpx2.HTTPError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise TryAgain(f"the answer broke off ({type(error).__name__})") from None


def _said(error: openai.APIStatusError) -> str:
    """What the server said, in one line that stays short."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    text = " ".join(str(message or error.response.reason_phrase or "no reason given").split())
    return text if len(text) <= 300 else text[:300] + "…"
