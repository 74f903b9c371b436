"""Which fields of a chat completion reach vLLM: those that reading one page needs, and no others.

vLLM takes some sixty fields more. Among them are ones that fetch any URL, that keep the engine busy
for minutes or end it, and each release has new ones. So the list names what is open. The check
costs 0.5 ms of CPU for a page of 135 KB, parsing included (benchmarks/results/allow-list.json).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lighton_ocr.catalog import models
from lighton_ocr.endpoint import DRAFT_FIELD
from lighton_ocr.engines.vllm.refusal import Refused

MAX_TEXT = 8192  # characters of the prompt beside the image
MAX_DRAFT = 65536  # characters; our client sends about half as many at most
_MAX_VALUES = 100_000  # in the JSON text, before it is parsed; a draft's commas count too
_NAMED = 8  # refused fields that a message names
# The beginning of each image format in base64, by media type: Pillow would also open other formats
# than the one that the media type names.
_IMAGES = {
    "data:image/png;base64,": "iVBORw0KGg",
    "data:image/jpeg;base64,": "/9j/",
    "data:image/jpg;base64,": "/9j/",
    "data:image/webp;base64,": "UklGR",
}
_DETAILS = (None, "auto", "low", "high")  # OpenAI's field, which vLLM ignores
_TEMPLATE_NAMES = frozenset(name for model in models() for name in model.template_kwargs)


@dataclass(frozen=True)
class _Rule:
    """What a field's value must be."""

    holds: Callable[[Any], bool]
    wanted: str


def _whole(least: int, most: int) -> _Rule:
    return _Rule(
        lambda value: type(value) is int and least <= value <= most,
        f"a whole number from {least} to {most}",
    )


def _number(least: float, most: float) -> _Rule:
    return _Rule(
        lambda value: type(value) in (int, float) and least <= value <= most,
        f"a number from {least} to {most}",
    )


def _text(most: int) -> _Rule:
    return _Rule(
        lambda value: isinstance(value, str) and len(value) <= most,
        f"a text of at most {most} characters",
    )


def _object(rules: Mapping[str, _Rule]) -> _Rule:
    return _Rule(
        lambda value: (
            isinstance(value, dict)
            and all(
                member is None or (name in rules and rules[name].holds(member))
                for name, member in value.items()
            )
        ),
        " and ".join(f"`{name}`, {rule.wanted}" for name, rule in rules.items()) + " alone",
    )


def _is_stop(value: Any) -> bool:
    texts = value if isinstance(value, list) else [value]
    return len(texts) <= 4 and all(isinstance(text, str) and len(text) <= 64 for text in texts)


_SWITCH = _Rule(lambda value: isinstance(value, bool), "true or false")
_FIELDS = {
    "model": _text(256),
    "temperature": _number(0, 2),
    "top_p": _number(0, 1),
    "max_tokens": _whole(1, 1 << 20),
    "max_completion_tokens": _whole(1, 1 << 20),
    "stream": _SWITCH,
    "stream_options": _object(dict.fromkeys(("include_usage", "continuous_usage_stats"), _SWITCH)),
    "stream_interval": _whole(1, 4096),
    "vllm_xargs": _object({DRAFT_FIELD: _text(MAX_DRAFT)}),
    "chat_template_kwargs": _object(dict.fromkeys(_TEMPLATE_NAMES, _SWITCH)),
    "logprobs": _SWITCH,
    "top_logprobs": _whole(0, 1),
    "seed": _whole(-(1 << 63), (1 << 63) - 1),
    "stop": _Rule(_is_stop, "at most 4 texts of 64 characters"),
    "user": _text(256),
}
# Fields that clients send by default, with the values that change nothing.
_NEUTRAL: dict[str, tuple[object, ...]] = {
    "n": (1,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "repetition_penalty": (1,),
    "min_p": (0,),
    "top_k": (0, -1),
    "logit_bias": ({},),
    "response_format": ({"type": "text"},),
    "store": (False,),
}


def check_request(body: bytes) -> None:
    """Check the body of a chat completion.

    Raises:
        Refused: it is not one image and the fields above; the message names what is refused.
    """
    request = _parse(body)
    given = {name: value for name, value in request.items() if value is not None}
    refused = [name for name, value in given.items() if not _is_open(name, value)]
    if refused:
        raise Refused(400, _message(refused), refused[0][:64])
    for name, value in given.items():
        if name in _FIELDS and not _FIELDS[name].holds(value):
            raise Refused(400, f"`{name}` must be {_FIELDS[name].wanted}.", name)
    _check_messages(given.get("messages"))


def _is_open(name: str, value: object) -> bool:
    return name == "messages" or name in _FIELDS or value in _NEUTRAL.get(name, ())


def _message(refused: list[str]) -> str:
    names = ", ".join(name[:64] for name in refused[:_NAMED])
    more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
    return f"This server reads pages, and takes no {names}{more}: leave it out."


def _parse(body: bytes) -> dict[str, Any]:
    # Each value follows one of these, so a small body cannot become gigabytes of objects.
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > _MAX_VALUES:
        raise Refused(400, "The request has too many values.")
    try:
        # Not from bytes: json would also take UTF-16 and UTF-32.
        request = json.loads(
            body.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
        if b"\\ud" in body or b"\\uD" in body:  # half a surrogate pair, or both halves
            json.dumps(request, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refused(400, "The request is not valid JSON, or not valid Unicode.") from None
    if not isinstance(request, dict):
        raise Refused(400, "The request is not a JSON object.")
    return request


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Of two values, vLLM might take the one that was not checked.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name appears twice")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are not JSON


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list) or len(messages) != 1:
        raise Refused(400, "`messages` must be one message, with one image.", "messages")
    message = messages[0]
    if not isinstance(message, dict) or not _has_only(message, "role", "content"):
        raise Refused(400, "A message has a `role` and `content`.", "messages")
    if message.get("role") != "user":
        raise Refused(400, "The message's `role` must be `user`.", "messages")
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    images = sum(map(_is_image, parts))
    if images != 1:
        raise Refused(400, _image_message(images), "messages")
    texts = [part for part in parts if not _is_image(part)]
    if not all(map(_is_text, texts)) or sum(len(part["text"]) for part in texts) > MAX_TEXT:
        raise Refused(
            400, f"The text beside the image may have at most {MAX_TEXT} characters.", "messages"
        )


def _image_message(images: int) -> str:
    if images:
        return "At most 1 image may be provided in one prompt."
    return "`content` must have one image: an `image_url` with a data URL (PNG, JPEG or WebP)."


def _is_image(part: object) -> bool:
    if not isinstance(part, dict) or part.get("type") != "image_url":
        return False
    image = part.get("image_url")
    if not _has_only(part, "type", "image_url") or not isinstance(image, dict):
        return False
    url = image.get("url")
    return (
        isinstance(url, str)
        and any(url.startswith(kind + start) for kind, start in _IMAGES.items())
        and _has_only(image, "url", "detail")
        and image.get("detail") in _DETAILS
    )


def _is_text(part: object) -> bool:
    return (
        isinstance(part, dict)
        and part.get("type") == "text"
        and _has_only(part, "type", "text")
        and isinstance(part.get("text"), str)
    )


def _has_only(mapping: dict[str, Any], *names: str) -> bool:
    return all(name in names or value is None for name, value in mapping.items())
