import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lighton_ocr.catalog import find_model
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.engines.remote import connect
from lighton_ocr.errors import AccessDenied, EngineFailed, WeightsMissing

pytestmark = pytest.mark.slow

PARENT = """
import sys
from lighton_ocr.catalog import find_model
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
engine = EmbeddedEngine(find_model("pocket"))
endpoint = engine.start()
print(engine._process.pid, flush=True)
sys.stdin.read()
"""


def test_the_engine_serves_its_model_with_its_key() -> None:
    with EmbeddedEngine(find_model("pocket")) as endpoint:
        assert connect(endpoint.base_url, endpoint.api_key).model.id == "lighton-ocr-pocket"


def test_a_request_without_the_key_is_refused() -> None:
    import httpx2

    with EmbeddedEngine(find_model("pocket")) as endpoint:
        answer = httpx2.post(f"{endpoint.base_url}/chat/completions", json={"messages": []})
        assert answer.status_code == 401


def test_two_engines_have_different_addresses_and_keys() -> None:
    model = find_model("pocket")
    with EmbeddedEngine(model) as one, EmbeddedEngine(model) as other:
        assert one.base_url != other.base_url
        assert one.api_key != other.api_key
    with pytest.raises(AccessDenied), EmbeddedEngine(model) as one:
        connect(one.base_url, "a wrong key", wait_seconds=0)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX signal")
def test_the_server_ends_if_its_parent_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        handle = os.pidfd_open(child)
        os.kill(parent.pid, signal.SIGKILL)
    import select

    ready, _, _ = select.select([handle], [], [], 20)  # readable once the child has ended
    os.close(handle)
    assert ready


def test_damaged_weights_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("model.gguf", "mmproj.gguf"):
        (tmp_path / name).write_bytes(b"GGUF but not really")
    monkeypatch.setattr("lighton_ocr.engines.llama_cpp.weights._SHIPPED", (tmp_path,))
    with pytest.raises(EngineFailed, match="could not start lighton-ocr-pocket"):
        EmbeddedEngine(find_model("pocket")).__enter__()


def test_an_unreachable_hub_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissing, match="`pocket` works"):
        EmbeddedEngine(find_model("1b")).__enter__()
