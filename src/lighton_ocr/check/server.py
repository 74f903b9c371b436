"""Checks of the server itself: is it up, is it what was asked for, is it closed to strangers."""

from typing import Any

from packaging.version import Version

from lighton_ocr.check.result import Finding, failed, not_applicable, passed
from lighton_ocr.reading.probe import Probe

_REFUSED = (401, 403)
# Routes of vLLM's development mode: whoever may call them can stop or change the server.
_CLOSED = ("/is_sleeping", "/server_info", "/collective_rpc")


def check_health(probe: Probe) -> Finding:
    """`/health` answers 200."""
    code = probe.get("/health").status_code
    if code == 404:
        return not_applicable("the server has no /health")
    return (passed if code == 200 else failed)(f"/health answers {code}")


def check_model(probe: Probe) -> Finding:
    """The weights and the context are those of the model that was asked for."""
    model = probe.endpoint.model
    card = _card(probe)
    root, context = card.get("root"), card.get("max_model_len")
    known = {name.lower() for name in model.names}
    # A folder says nothing about what lies in it; a name on the hub does.
    foreign = root and root.count("/") == 1 and root.lower() not in known
    if foreign:
        return failed(f"serves {root} as {card['id']}, not {model.id}")
    if context and context < model.context:
        return failed(f"{model.id} with room for {context} tokens, not {model.context}")
    room = f", room for {context} tokens" if context else ""
    return passed(f"serves {card['id']}{room}")


def check_version(probe: Probe) -> Finding:
    """vLLM is new enough for the model."""
    answer = probe.get("/version")
    if not probe.endpoint.is_vllm or answer.status_code != 200:
        return not_applicable("the server does not say which vLLM it is")
    version, least = answer.json()["version"], probe.endpoint.model.min_vllm
    if least and Version(version) < Version(least):
        return failed(f"vLLM {version} is too old; this model needs {least}")
    return passed(f"vLLM {version}")


def check_authentication(probe: Probe) -> Finding:
    """Without the key, and with a wrong one, requests are refused."""
    if not probe.endpoint.api_key:
        return not_applicable("no key was needed: open to everyone")
    for key, what in (("", "without a key"), ("wrong", "with a wrong key")):
        code = probe.get("/v1/models", key).status_code
        # llama.cpp lists its models to everyone; what counts is that nobody else can read.
        if code not in _REFUSED:
            code = probe.chat([{"type": "text", "text": "?"}], 1, key).status_code
        if code not in _REFUSED:
            return failed(f"a request {what} is let in")
    return passed("requests without the key are refused")


def check_closed_routes(probe: Probe) -> Finding:
    """vLLM's development routes are not open to the outside."""
    if not probe.endpoint.is_vllm:
        return not_applicable("not a vLLM server")
    opened = [path for path in _CLOSED if probe.get(path).status_code not in (401, 403, 404)]
    if opened:
        return failed(f"open to callers: {', '.join(opened)}")
    return passed("development routes are closed")


def _card(probe: Probe) -> dict[str, Any]:
    cards: list[dict[str, Any]] = probe.get("/v1/models").json()["data"]
    return next(card for card in cards if card["id"] == probe.endpoint.served_name)
