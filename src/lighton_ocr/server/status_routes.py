"""`/health`, `/metrics` and `/v1/models`."""

from typing import Any

import httpx2
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.server.document_reader import DocumentReader
from lighton_ocr.server.openapi import ERRORS

router = APIRouter(responses=ERRORS)
_HEALTH_SECONDS = 5.0


@router.get("/health")
async def health(request: Request) -> Response:
    """Whether pages can be read: 200, or 503 if the engine is gone.

    A remote endpoint is not asked: that could start a GPU.
    """
    reader: DocumentReader = request.app.state.reader
    if reader.endpoint.managed:
        try:
            async with httpx2.AsyncClient(timeout=_HEALTH_SECONDS, trust_env=False) as client:
                answer = await client.get(f"{reader.endpoint.root_url}/health")
            is_healthy = answer.status_code == 200
        except httpx2.HTTPError:
            is_healthy = False
        if not is_healthy:
            raise Refused(503, "The engine does not answer. Start the server again.")
    return JSONResponse({"status": "ok"})


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Counters in Prometheus' text format."""
    reader: DocumentReader = request.app.state.reader
    return Response(reader.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/models")
async def models(request: Request) -> dict[str, Any]:
    """The model that reads, as OpenAI's clients list models."""
    reader: DocumentReader = request.app.state.reader
    model = {"id": reader.endpoint.served_name, "object": "model", "created": 0}
    return {"object": "list", "data": [model | {"owned_by": "lighton-ocr"}]}
