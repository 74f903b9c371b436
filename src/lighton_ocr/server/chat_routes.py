"""`POST /v1/chat/completions`: one page's image, passed on to the endpoint.

The rules are those of our vLLM server, whichever engine reads: the same fields, one image, the
model's own sampling. Images are scaled to the size that the model reads, so every engine gets a PNG
that it need not resize.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import httpx2
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from lighton_ocr._http import connection_error
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.engines.vllm.request_fields import check_request
from lighton_ocr.errors import LightonOcrError
from lighton_ocr.reading.client import TIMEOUT, image_part
from lighton_ocr.reading.client_errors import error_message
from lighton_ocr.server.cleanup import cleanup
from lighton_ocr.server.document_reader import DocumentReader
from lighton_ocr.server.errors import refusal_of
from lighton_ocr.server.fair_queue import QueuedRequest, queued_request
from lighton_ocr.server.json_body import json_body
from lighton_ocr.server.ocr_request import serves, unknown_model
from lighton_ocr.server.openapi import CHAT, ERRORS
from lighton_ocr.server.sources import DocumentSources
from lighton_ocr.server.until_gone import until_gone

router = APIRouter(responses=ERRORS)
_PASSED_ON = (400, 413, 422)  # what is wrong with the request itself


@router.post("/v1/chat/completions", openapi_extra=CHAT)
async def chat(request: Request, stack: Annotated[AsyncExitStack, Depends(cleanup)]) -> Response:
    """Read one page's image, in OpenAI's schema."""
    reader: DocumentReader = request.app.state.reader
    queued = queued_request(request, "chat")
    stack.enter_context(reader.queue.admit(queued))
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="lighton-ocr-")))
    asked = await json_body(request)
    body = await _prepare(asked, reader, request.app.state.sources, folder, queued)
    client: httpx2.AsyncClient = request.app.state.chat_client

    async def ask() -> httpx2.Response:
        await stack.enter_async_context(reader.queue.slot(queued))
        return await stack.enter_async_context(
            client.stream(
                "POST",
                f"{reader.endpoint.base_url}/chat/completions",
                json=body,
                headers=reader.endpoint.headers,
                params=dict(reader.endpoint.query),
            )
        )

    try:
        answer = await until_gone(request, ask())
        if answer.status_code != 200:
            await answer.aread()
    except httpx2.HTTPError as error:
        raise connection_error(reader.endpoint.base_url, error, TIMEOUT.read or 0) from None
    if answer.status_code != 200:
        raise _refusal(answer)
    chunks = _chunks(answer, reader.endpoint.base_url)
    await stack.enter_async_context(aclosing(chunks))
    if body.get("stream"):
        return StreamingResponse(_with_error(chunks), media_type="text/event-stream")
    return Response(await until_gone(request, _joined(chunks)), media_type="application/json")


async def _prepare(
    request: Any,
    reader: DocumentReader,
    sources: DocumentSources,
    folder: Path,
    queued: QueuedRequest,
) -> dict[str, Any]:
    """Return the request for the endpoint: checked, with its image in the right size."""
    image: EncodedPage | None = None
    for part in _image_parts(request):
        if image is not None:
            raise Refused(400, "At most 1 image may be provided in one prompt.", "messages")
        path = folder / "image"
        await sources.save(part["image_url"]["url"], path, "messages")
        image = await reader.encode_image(path, queued)
        part["image_url"] = {**part["image_url"], **image_part(image)["image_url"]}
    check_request(json.dumps(request).encode())
    endpoint = reader.endpoint
    if (name := request.get("model")) is not None and not serves(endpoint, name):
        raise unknown_model(endpoint.model, name)
    assert image is not None  # noqa: S101 - the check wants one
    if endpoint.model.modes == ("plain",):
        # The model knows no prompts, and loops on the instructions that other clients send.
        (message,) = request["messages"]
        message["content"] = [part for part in message["content"] if part["type"] == "image_url"]
    sampling = endpoint.model.sampling
    defaults = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": min(sampling.max_tokens, endpoint.model.max_answer_tokens(*image.size)),
    }
    given = {name: value for name, value in request.items() if value is not None}
    if "max_completion_tokens" in given:
        del defaults["max_tokens"]
    return defaults | given | {"model": endpoint.served_name}


def _image_parts(request: Any) -> list[dict[str, Any]]:
    """Return the parts of the messages that hold an image; whatever is malformed is left alone."""
    messages = request.get("messages") if isinstance(request, dict) else None
    return [
        part
        for message in (messages if isinstance(messages, list) else [])
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        for part in message["content"]
        if isinstance(part, dict)
        and isinstance(part.get("image_url"), dict)
        and isinstance(part["image_url"].get("url"), str)
    ]


async def _chunks(answer: httpx2.Response, url: str) -> AsyncGenerator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    except httpx2.HTTPError as error:
        raise connection_error(url, error, TIMEOUT.read or 0) from None


async def _with_error(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a stream; one that breaks off ends with an error, as OpenAI's clients read it."""
    try:
        async for chunk in chunks:
            yield chunk
    except LightonOcrError as error:
        yield f"\n\ndata: {json.dumps(refusal_of(error).body)}\n\n".encode()


async def _joined(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def _refusal(answer: httpx2.Response) -> Refused:
    try:
        message = error_message(json.loads(answer.content))
    except (ValueError, RecursionError):
        message = None
    status = answer.status_code if answer.status_code in _PASSED_ON else 503
    return Refused(status, f"The engine answers {answer.status_code}: {message or 'no reason'}.")
