"""Checks of the server itself: health, model, versions, authentication, closed routes."""

from typing import Any

from packaging.version import Version

from lighton_ocr.check.result import Finding, failed, not_applicable, passed, warning
from lighton_ocr.engines.vllm.version import GPU_HEADER, VERSION_HEADER, lighton_ocr_version
from lighton_ocr.reading.probe import Probe

_REFUSED = (401, 403)
# Routes of vLLM's development mode: whoever can call them can stop or change the server.
_CLOSED = ("/is_sleeping", "/server_info", "/collective_rpc")


def check_health(probe: Probe) -> Finding:
    """`/health` answers 200."""
    code = probe.get("/health").status_code
    if code == 404:
        return not_applicable("the server has no /health")
    return (passed if code == 200 else failed)(f"/health answers {code}")


def check_model(probe: Probe) -> Finding:
    """The server has the model's weights and context."""
    model = probe.endpoint.model
    card = _card(probe)
    root, context = card.get("root"), card.get("max_model_len")
    known = {name.lower() for name in model.names}
    # The name of a folder says nothing about its weights; a name on the hub does.
    foreign = root and root.count("/") == 1 and root.lower() not in known
    if foreign:
        return failed(f"serves {root} as {card['id']}, not {model.id}")
    if context and context < model.context:
        return failed(f"{model.id} with a context of {context} tokens, not {model.context}")
    length = f" with a context of {context} tokens" if context else ""
    return passed(f"serves {card['id']}{length}")


def check_vllm_version(probe: Probe) -> Finding:
    """vLLM is new enough for the model."""
    answer = probe.get("/version")
    if not probe.endpoint.is_vllm or answer.status_code != 200:
        return not_applicable("the server does not give a version of vLLM")
    version, least = answer.json()["version"], probe.endpoint.model.min_vllm
    if least and Version(version) < Version(least):
        return failed(f"vLLM {version} is too old; this model needs {least}")
    return passed(f"vLLM {version}")


def check_lighton_ocr_version(probe: Probe) -> Finding:
    """The server was started by the version of lighton-ocr that is running here."""
    deployed, here = probe.get("/health").headers.get(VERSION_HEADER), lighton_ocr_version()
    if deployed is None:
        return not_applicable("the server does not give a version of lighton-ocr")
    if deployed != here:
        return warning(f"{deployed} started the server, {here} is here: deploy again")
    return passed(f"{deployed}, as here")


def check_gpu(probe: Probe) -> Finding:
    """The GPU that serves; Modal may send another than was requested."""
    gpu = probe.get("/health").headers.get(GPU_HEADER)
    return passed(gpu) if gpu else not_applicable("the server does not name its GPU")


def check_authentication(probe: Probe) -> Finding:
    """Requests without the key, or with a wrong one, are refused."""
    if not probe.endpoint.api_key:
        return not_applicable("no key was needed: the server is open to everyone")
    for key, what in (("", "without a key"), ("wrong", "with a wrong key")):
        code = probe.get("/v1/models", key).status_code
        # llama.cpp lists its models to everyone, so try to read, too.
        if code not in _REFUSED:
            code = probe.chat([{"type": "text", "text": "?"}], 1, key).status_code
        if code not in _REFUSED:
            return failed(f"a request {what} is accepted")
    return passed("requests without the key are refused")


def check_closed_routes(probe: Probe) -> Finding:
    """vLLM's development routes are closed to callers."""
    if not probe.endpoint.is_vllm:
        return not_applicable("not a vLLM server")
    opened = [path for path in _CLOSED if probe.get(path).status_code not in (401, 403, 404)]
    if opened:
        return failed(f"open to callers: {', '.join(opened)}")
    return passed("development routes are closed")


def _card(probe: Probe) -> dict[str, Any]:
    cards: list[dict[str, Any]] = probe.get("/v1/models").json()["data"]
    return next(card for card in cards if card["id"] == probe.endpoint.served_name)
