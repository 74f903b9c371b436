"""Error responses: a status, and a message in the format of OpenAI's errors."""

import json
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.errors import (
    DocumentError,
    EndpointError,
    LightonOcrError,
    ModelMissing,
    PasswordNeeded,
    UnknownFormat,
    UsageError,
)
from lighton_ocr.server.ocr_request import FormRequest, OcrRequest

_STATUS: dict[type[LightonOcrError], int] = {  # the first that fits
    UnknownFormat: 415,
    PasswordNeeded: 422,
    DocumentError: 422,
    UsageError: 422,
    ModelMissing: 503,  # the endpoint behind this server has changed its model
    EndpointError: 503,
    LightonOcrError: 503,
}
# Of the models that read a request, by their names.
_FIELDS = {model.__name__: list(model.model_fields) for model in (OcrRequest, FormRequest)}


def refusal_of(error: LightonOcrError) -> Refused:
    """Return the answer to a request that one of our own errors ended."""
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    if isinstance(error, PasswordNeeded):  # clients ask for one if `param` says so
        return Refused(status, str(error).replace("--password", "field `password`"), "password")
    return Refused(status, str(error))


def invalid(error: ValidationError | RequestValidationError) -> Refused:
    """Return the answer to a request whose fields are wrong: it names the first of them."""
    fault = error.errors()[0]
    place = [str(part) for part in fault["loc"]]
    if place[:1] == ["document"]:
        del place[1:2]  # how the document was taken, which no field names
    name = ".".join(place)[:100]
    match fault["type"]:
        case "extra_forbidden":
            known = _FIELDS.get(getattr(error, "title", ""), [])
            meant = get_close_matches(name.lower(), known, 1)
            advice = f"did you mean `{meant[0]}`?" if meant else "leave it out."
            message = f"There is no field `{name}`: {advice}"
        case "missing":
            message = f"The field `{name}` is missing."
        case "model_type" | "model_attributes_type":
            message = f"{f'`{name}`' if name else 'The request'} must be a JSON object."
        case _:
            message = f"`{name}`: {fault['msg'].removeprefix('Value error, ').rstrip('.')}."
    return Refused(422, message, name)


def add_error_handlers(app: FastAPI) -> None:
    """Answer our own errors, and those of the framework, in one shape."""
    to_refusal: dict[type[Exception], Callable[[Any], Refused]] = {
        Refused: lambda refusal: refusal,
        LightonOcrError: refusal_of,
        ValidationError: invalid,
        RequestValidationError: invalid,
        HTTPException: lambda error: Refused(error.status_code, _sentence(error)),
    }
    for kind, convert in to_refusal.items():
        app.add_exception_handler(kind, _handler(convert))


def _handler(convert: Callable[[Any], Refused]) -> Callable[[Request, Exception], Response]:
    def answer(_: Request, error: Exception) -> Response:
        refusal = convert(error)
        headers = dict(refusal.headers)
        if isinstance(error, HTTPException):  # which methods a route allows
            headers |= error.headers or {}
        # In ASCII: a message may quote what is no valid Unicode.
        body = json.dumps(refusal.body)
        return Response(body, refusal.status, headers, media_type="application/json")

    return answer


def _sentence(error: HTTPException) -> str:
    match error.status_code:
        case 404:
            return "There is no such path. Send documents to POST /v1/ocr."
        case 405:
            allowed = (error.headers or {}).get("Allow", "")
            return f"This path does not accept this method. Use {allowed.replace(', ', ' or ')}."
        case _:
            return f"{error.detail.rstrip('.')}."
