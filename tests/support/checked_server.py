"""A scripted deployment as `lighton-ocr check` meets it."""

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from starlette.responses import JSONResponse, Response

from lighton_ocr.check import CheckReport, Outcome, run_checks
from lighton_ocr.documents import load_source, open_document
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.engines.remote import connect
from lighton_ocr.engines.vllm.version import GPU_HEADER, VERSION_HEADER
from tests.support.scripted_endpoint import ScriptedEndpoint, says, status

KEY = "a key"


class VllmLike:
    """Answers as vLLM does with one image per request and images resized to `edge`."""

    def __init__(self, text: str, edge: int = 1540, images: int = 1, whole: str = "") -> None:
        self.text, self.edge, self.images, self.whole = text, edge, images, whole

    def __call__(self, body: dict[str, Any]) -> Response:
        parts = body["messages"][0]["content"]
        if len(parts) > self.images:
            return status(400, "At most 1 image(s) may be provided in one prompt.")(body)
        if body["max_tokens"] == 1:
            tokens = self._tokens(parts[0]["image_url"]["url"]) + 12
            usage = {"prompt_tokens": tokens, "completion_tokens": 1, "total_tokens": tokens + 1}
            choice = {"index": 0, "message": {"content": "x"}, "finish_reason": "length"}
            return JSONResponse({"choices": [choice], "usage": usage})
        return says(self.text if body.get("stream") else self.whole or self.text)(body)

    def _tokens(self, url: str) -> int:
        image = Image.open(BytesIO(base64.b64decode(url.split(",")[1])))
        width, height = Geometry(self.edge, 28).fit(*image.size)
        return width * height // 28**2


def health(version: str) -> Response:
    """The answer of a server that this version of lighton-ocr started."""
    return Response(headers={VERSION_HEADER: version, GPU_HEADER: "NVIDIA H200"})


def check(server: ScriptedEndpoint, letter: Path, **options: Any) -> CheckReport:
    endpoint = connect(server.url, server.key)
    with open_document(load_source(str(letter))) as document:
        return run_checks(endpoint, document, **options)


def outcome(report: CheckReport, name: str) -> tuple[Outcome, str]:
    return next((row.outcome, row.found) for row in report.results if row.check == name)
