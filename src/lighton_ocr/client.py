"""One page over the wire: an OpenAI chat completion, streamed."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self

import httpx2
import openai
from openai.types.chat import ChatCompletionChunk

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import AccessDenied, EndpointError, ModelMissing, RequestRefused
from lighton_ocr.pages import EncodedPage

# A first answer may wait for a GPU to start: Modal holds a request 150 s, then redirects it to
# itself (303), again and again. Between two events of a stream this is far more than any decoder
# needs.
TIMEOUT = httpx2.Timeout(300.0, connect=10.0)
_PACKED_TOKENS = 16  # tokens an event when nobody watches; each event costs about 0.2 ms here


class StreamBroken(EndpointError):
    """An answer that stopped in the middle; asking again may well help."""


@dataclass
class Tries:
    """Counts the requests sent for one page, and bounds them."""

    limit: int
    used: int = 0

    @property
    def left(self) -> int:
        """How many more may be sent."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True)
class PageRequest:
    """What is asked for a page; `prompt` is empty except for modes such as `grounding`."""

    page: EncodedPage
    temperature: float
    top_p: float
    max_tokens: int
    prompt: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back. `finish` is the server's reason, or `loop` when the stream was cut here."""

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int


_TRIES: ContextVar[Tries] = ContextVar("tries")


class PageClient:
    """Sends pages to one endpoint; use it inside `async with`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._http = openai.DefaultAsyncHttpxClient(
            timeout=TIMEOUT,
            limits=httpx2.Limits(max_connections=None),
            event_hooks={"request": [_count]},
        )
        self._openai = openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            # Never None: the library would send the user's OPENAI_API_KEY to a stranger.
            api_key=endpoint.api_key or "none",
            http_client=self._http,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._openai.close()

    async def ask(
        self, request: PageRequest, tries: Tries, on_text: Callable[[str], bool], live: bool = False
    ) -> Answer:
        """Send one page and take in its answer.

        `on_text` is called with each piece and returns True to cut the stream short. The client
        library repeats refused and failed requests by its own policy (connection errors, 408, 409,
        429, 5xx, Retry-After honoured) within what `tries` leaves. `live` asks for each token as
        it is made.

        Raises:
            StreamBroken: the answer ended in the middle.
            AccessDenied, ModelMissing, RequestRefused: asking again would not help.
            EndpointError: unreachable, or still failing after all tries.
        """
        token = _TRIES.set(tries)
        client = self._openai.with_options(max_retries=max(0, tries.left - 1))
        try:
            with _translated(self._endpoint):
                stream = await client.chat.completions.create(**self._body(request, live))
            async with stream:
                with _translated_in_stream():
                    return await _collect(stream, on_text)
        finally:
            _TRIES.reset(token)

    def _body(self, request: PageRequest, live: bool) -> dict[str, Any]:
        extra: dict[str, Any] = {}
        if self._endpoint.packs_stream and not live:
            extra["stream_interval"] = _PACKED_TOKENS
        if self._endpoint.model.template_kwargs:
            extra["chat_template_kwargs"] = self._endpoint.model.template_kwargs
        content = [image_part(request.page)]
        if request.prompt:
            content.append({"type": "text", "text": request.prompt})
        return {
            "model": self._endpoint.served_name,
            "messages": [{"role": "user", "content": content}],
            "temperature": request.temperature,
            "top_p": request.top_p,
            "max_tokens": request.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            "extra_body": extra,
        }


def image_part(page: EncodedPage) -> dict[str, Any]:
    """A page as the part of a message that holds it."""
    data = base64.b64encode(page.data).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{page.media_type};base64,{data}"}}


async def _count(request: httpx2.Request) -> None:
    # Redirects of a waiting request are GETs and no new try.
    tries = _TRIES.get(None)
    if tries is not None and request.method == "POST":
        tries.used += 1


async def _collect(
    stream: openai.AsyncStream[ChatCompletionChunk], on_text: Callable[[str], bool]
) -> Answer:
    pieces: list[str] = []
    finish = ""
    prompt_tokens = completion_tokens = 0
    async for chunk in stream:
        if chunk.usage is not None:
            prompt_tokens = chunk.usage.prompt_tokens
            completion_tokens = chunk.usage.completion_tokens
        if not chunk.choices:
            continue
        choice = chunk.choices[0]
        if choice.delta.content:
            pieces.append(choice.delta.content)
            if on_text(choice.delta.content):
                # No usage comes after a cut: at least one token an event was made.
                return Answer("".join(pieces), "loop", prompt_tokens, len(pieces))
        finish = choice.finish_reason or finish
    if not finish:
        raise StreamBroken("the answer stopped in the middle")
    return Answer("".join(pieces), finish, prompt_tokens, completion_tokens)


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
        raise EndpointError(f"{where} answers {error.status_code}: {_said(error)}") from None
    except openai.APITimeoutError:
        raise EndpointError(f"{where} did not answer within {TIMEOUT.read:.0f} seconds") from None
    except openai.APIConnectionError:
        raise EndpointError(f"{where} cannot be reached") from None


@contextmanager
def _translated_in_stream() -> Iterator[None]:
    """The same once an answer has begun: whatever happens then, asking again may help."""
    try:
        yield
    except openai.APIConnectionError:
        raise StreamBroken("the connection was lost in the middle of the answer") from None
    except openai.APIError as error:
        raise StreamBroken(f"the answer broke off: {error.message}") from None
    except (httpx2.HTTPError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise StreamBroken(f"the answer broke off ({type(error).__name__})") from None


def _said(error: openai.APIStatusError) -> str:
    """What the server said, in one line that stays short."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    text = " ".join(str(message or error.response.reason_phrase or "no reason given").split())
    return text if len(text) <= 300 else text[:300] + "…"
