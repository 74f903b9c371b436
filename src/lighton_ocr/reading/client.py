"""Send one page to an endpoint: an OpenAI chat completion, streamed."""

import base64
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

import httpx2

from lighton_ocr._http import explain_environment, guard_response
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.endpoint import DRAFT_FIELD, Endpoint
from lighton_ocr.reading.answer_body import read_values
from lighton_ocr.reading.attempts import AttemptSettings
from lighton_ocr.reading.client_errors import (
    raise_for_status,
    translate_errors,
    translate_stream_errors,
)
from lighton_ocr.reading.stream import Answer, collect_answer

# A first answer may wait for a GPU to start: Modal holds a request for 150 s, then redirects it to
# itself (303), as often as needed. Between two events of a stream, no decoder needs that long.
TIMEOUT = httpx2.Timeout(300.0, connect=10.0)
# vLLM and llama.cpp close a connection that was idle for 5 seconds. A page sent just then is lost,
# so we close it earlier.
_IDLE_SECONDS = 3.0
_TOKENS_PER_EVENT = 64  # when nobody watches; each event costs client and server time


def http_client(endpoint: Endpoint) -> httpx2.AsyncClient:
    """Return an HTTP client for an endpoint, with bounds on its answers; redirects are followed."""
    with explain_environment():
        return httpx2.AsyncClient(
            timeout=TIMEOUT,
            follow_redirects=True,
            trust_env=endpoint.uses_proxy,
            headers={"Accept-Encoding": "identity"},  # unpacking would only cost time
            event_hooks={"response": [guard_response]},
            limits=httpx2.Limits(
                max_connections=None,
                max_keepalive_connections=None if endpoint.keeps_connections else 0,
                keepalive_expiry=_IDLE_SECONDS,
            ),
        )


@dataclass(frozen=True)
class PageRequest:
    """One page and how to ask for it.

    `live` asks for an event for every token; `prompt` is sent with the image.
    """

    page: EncodedPage
    settings: AttemptSettings
    live: bool = False
    prompt: str = ""


class PageClient:
    """Sends pages to one endpoint; use it inside `async with`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._headers: Mapping[str, str] = endpoint.headers
        self._http = http_client(endpoint)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return a client that sends these headers, too, over the same connections."""
        client = copy(self)
        client._headers = {**self._headers, **headers}
        return client

    async def send(self, request: PageRequest, on_text: Callable[[str], bool]) -> Answer:
        """Send one page, once, and collect its answer.

        `on_text` gets each piece of text and returns True to cut the stream.

        Raises:
            RequestFailed: the answer ended in the middle, or the server failed.
            EndpointBusy: too many requests, starting, silent for too long, or unreachable.
            AccessDenied, ModelMissing, RequestRefused: another attempt would not help.
        """
        async with AsyncExitStack() as stack:
            with translate_errors(self._endpoint, TIMEOUT.read or 0):
                response = await stack.enter_async_context(self._post(self._body(request)))
                await raise_for_status(self._endpoint, response)
            events = await stack.enter_async_context(aclosing(read_values(response)))
            with translate_stream_errors():
                return await collect_answer(events, on_text)

    def _post(self, body: dict[str, Any]) -> AbstractAsyncContextManager[httpx2.Response]:
        endpoint = self._endpoint
        return self._http.stream(
            "POST",
            f"{endpoint.base_url}/chat/completions",
            params=endpoint.query,
            headers=self._headers,
            json=body,
        )

    def _body(self, request: PageRequest) -> dict[str, Any]:
        endpoint, settings = self._endpoint, request.settings
        options = {"include_usage": True}
        extra: dict[str, Any] = dict(settings.sampler_options)
        if endpoint.is_vllm:
            options["continuous_usage_stats"] = True  # identifies a chunk that is sent twice
            if not request.live:
                extra["stream_interval"] = _TOKENS_PER_EVENT
            if draft := request.page.draft or request.page.ocr_draft:
                extra["vllm_xargs"] = {DRAFT_FIELD: draft}
        if endpoint.is_embedded:  # on a GPU, probabilities would slow down every token
            extra |= {"logprobs": True, "top_logprobs": 1}
        if endpoint.model.template_kwargs:
            extra["chat_template_kwargs"] = endpoint.model.template_kwargs
        content = [image_part(request.page)]
        if request.prompt:
            content.append({"type": "text", "text": request.prompt})
        return {
            "model": endpoint.served_name,
            "messages": [{"role": "user", "content": content}],
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "max_tokens": settings.max_tokens,
            "stream": True,
            "stream_options": options,
        } | extra


def image_part(page: EncodedPage) -> dict[str, Any]:
    """Return a page as the part of a chat message that holds it."""
    data = base64.b64encode(page.data).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{page.media_type};base64,{data}"}}
