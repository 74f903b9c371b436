"""The OpenAPI descriptions of routes that parse their bodies themselves, with examples."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from lighton_ocr.formats import FORMATS
from lighton_ocr.server.ocr_request import FormRequest, OcrRequest

_COMPONENTS = "#/components/schemas/"
_BINARY = {"type": "string", "format": "binary"}
_TEXT = {"type": "string"}


class ErrorDetail(BaseModel):
    """One sentence, and the field that is at fault, if one is."""

    message: str
    type: str
    param: str | None
    code: int


class Error(BaseModel):
    """An error in OpenAI's shape."""

    error: ErrorDetail


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Error, "description": description}
    for status, description in (
        (400, "malformed"),
        (401, "the key is missing or wrong"),
        (403, "the request comes from another web site, or to a name other than localhost"),
        (404, "no such model or file"),
        (405, "no such method"),
        (408, "the request arrives too slowly"),
        (413, "too large"),
        (415, "the document is neither a PDF nor an image"),
        (422, "a field of the request is wrong, or the document cannot be read"),
        (429, "too many requests: try again after Retry-After"),
        (503, "the engine does not answer"),
    )
}

_LETTER = {"type": "document_url", "document_url": "data:application/pdf;base64,JVBERi0xLjcK…"}
_QUERY = {
    "pages": "pages from 1, such as 1-3,7,-1; in JSON, a list or a string that counts from 0",
    "format": f"answer with the document as {', '.join(FORMATS)}",
    "stream": "true: answer with server-sent events",
}

OCR: dict[str, Any] = {
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"With a file as the body or in a form: {description}.",
            "schema": {"type": "string"},
        }
        for name, description in _QUERY.items()
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": f"{_COMPONENTS}OcrRequest"},
                "examples": {
                    "document": {"value": {"document": _LETTER, "pages": [0, 1]}},
                    "stream": {"value": {"document": _LETTER, "stream": True, "formats": ["md"]}},
                    "uploaded": {"value": {"document": {"type": "file", "file_id": "0123…"}}},
                },
            },
            "multipart/form-data": {
                "schema": {
                    "allOf": [
                        {"$ref": f"{_COMPONENTS}FormRequest"},
                        {"type": "object", "required": ["file"], "properties": {"file": _BINARY}},
                    ]
                }
            },
            "application/pdf": {"schema": _BINARY},
            "image/*": {"schema": _BINARY},
        },
    },
}

OCR_RESPONSES = ERRORS | {
    200: {
        "description": "the pages, a stream of events, or the document in a format",
        "content": {
            "text/event-stream": {"schema": {"type": "string"}},
            **{
                format.media_type: {
                    "schema": _BINARY if format.needs_original else {"type": "string"}
                }
                for format in FORMATS.values()
                if format.media_type != "application/json"
            },
        },
    }
}


def _form(required: list[str], **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    }


UPLOAD = _form(["file"], file=_BINARY, purpose={"type": "string", "enum": ["ocr"]})
PDF = _form(["file", "result"], file=_BINARY, result=_BINARY, password=_TEXT)

_MESSAGE = {
    "role": "user",
    "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo…"}}],
}
CHAT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["messages"],
                    "properties": {
                        "model": {"type": "string"},
                        "messages": {"type": "array", "items": {"type": "object"}},
                        "temperature": {"type": "number"},
                        "top_p": {"type": "number"},
                        "max_tokens": {"type": "integer"},
                        "stream": {"type": "boolean"},
                    },
                },
                "example": {"messages": [_MESSAGE]},
            }
        },
    }
}


def add_schemas(app: FastAPI) -> None:
    """Add the requests' models, which no route names, to the app's OpenAPI document."""
    generate: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        _, models = models_json_schema(
            [(OcrRequest, "validation"), (FormRequest, "validation")],
            ref_template=_COMPONENTS + "{model}",
        )
        document["components"]["schemas"].update(models["$defs"])
        # Beside `file`, a form has no other fields; `allOf` would refuse that one.
        document["components"]["schemas"]["FormRequest"].pop("additionalProperties", None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
