"""Documents inside vLLM's own API server: `vllm serve` loads `DocumentRoutes` with `--middleware`.

A page of a document goes to the same server as a chat completion, over loopback and through the
allow-list, so that vLLM's API servers share the pages and every sender has one share of them.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI
from starlette.routing import Match

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.allow_list import (
    KEY_HEADER,
    KEY_VARIABLE,
    SENDER_HEADER,
    checks_keys,
    own_capacity,
)
from lighton_ocr.engines.vllm.documents import DOCUMENTS_VARIABLE, DocumentSettings
from lighton_ocr.engines.vllm.refusal import App, Message, Receive, Refused, Send
from lighton_ocr.engines.vllm.request_headers import check_headers
from lighton_ocr.server.app import DOCUMENT_ROUTES, add_routes, bare_app
from lighton_ocr.server.document_reader import DocumentReader
from lighton_ocr.server.file_store import FileStore
from lighton_ocr.server.limits import ServerLimits

# Pages that are held at once, for each that vLLM reads: those beyond it are being rendered.
_AHEAD = 2


class DocumentRoutes:
    """ASGI middleware: answers `/v1/ocr`, `/v1/files` and the studio, and passes on the rest.

    `VllmServer` says in the environment which model is served, where, and with which key; keys of
    senders are checked in front of vLLM.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._documents = _create_app()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] == "lifespan":
            _keep_vllm_out_of_workers()
            async with self._documents.router.lifespan_context(self._documents):
                await self._app(scope, receive, send)
        elif scope["type"] == "http" and self._answers(scope):
            try:
                check_headers(scope)
            except Refused as refusal:
                await refusal.answer(send)
                return
            await self._documents(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _answers(self, scope: Message) -> bool:
        return any(route.matches(scope)[0] is not Match.NONE for route in self._documents.routes)


def _keep_vllm_out_of_workers() -> None:
    """Give renderers no main module to load: vLLM's would take them seconds, and its memory."""
    sys.modules["__main__"].__file__ = None


def _create_app() -> FastAPI:
    settings = DocumentSettings.from_json(os.environ[DOCUMENTS_VARIABLE])
    key = os.environ[KEY_VARIABLE]
    endpoint = Endpoint(
        base_url=f"http://127.0.0.1:{settings.port}/v1",
        model=settings.model,
        served_name=settings.model.id,
        slots=_AHEAD * own_capacity(),
        software="vllm",
        managed=True,
    )

    def headers_of(sender: str) -> Mapping[str, str]:
        return {KEY_HEADER: key, SENDER_HEADER: sender}

    limits = ServerLimits()
    files = FileStore(limits, _shared_folder(key), key.encode())
    reader = DocumentReader(endpoint, limits, headers_of)
    app = bare_app(reader, files)
    app.state.keys_tell_senders = checks_keys()
    add_routes(app, limits, DOCUMENT_ROUTES)
    return app


def _shared_folder(key: str) -> Path:
    """Return a folder for uploads, the same in all API servers of one vLLM and in no other."""
    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"lighton-ocr-files-{name}"
