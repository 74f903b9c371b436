"""What all tests share: example documents, a real engine, a scripted endpoint, a clean setup.

A test that starts a program is slow, and `make unit` leaves it out. The fixtures below mark their
tests as `slow`; other tests are marked where they stand.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings

from lighton_ocr.catalog import find_model
from lighton_ocr.config import load_config
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.engines.remote import connect
from tests.support.examples import EXAMPLES
from tests.support.scripted_endpoint import ScriptedEndpoint

if TYPE_CHECKING:
    from tests.support.modal_standin.client import Modal

# A busy machine is no fault of the code: Hypothesis would fail a test that takes 0.2 s.
settings.register_profile("no deadline", settings.default, deadline=None)
settings.load_profile("no deadline")
# A shell starts background jobs with Ctrl-C ignored, and all that they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
STARTS_PROGRAMS = {"pocket", "modal", "vllm"}  # fixtures
if sys.platform == "win32":  # these need resource limits, forks, signals or terminals
    collect_ignore = ["batch/test_kills.py", "documents/test_fuzz.py"]
    collect_ignore += [
        f"cli/test_{name}.py"
        for name in ("full_disk", "locked_folders", "machines", "read", "signals", "terminal")
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and STARTS_PROGRAMS & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _only_slow_tests_start_programs(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail("This test starts a program. Mark it with @pytest.mark.slow.")

    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr(subprocess.Popen, "__init__", refuse)


@pytest.fixture(autouse=True)
def _no_settings_of_this_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("URL", "API_KEY", "MODEL", "PASSWORD"):
        monkeypatch.delenv(f"LIGHTON_OCR_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    load_config.cache_clear()
    yield
    load_config.cache_clear()


@pytest.fixture
def dead_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names a proxy, where nobody is: it is for the web, not for this host."""
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


@pytest.fixture(scope="session")
def letter() -> Path:
    return EXAMPLES / "letter.pdf"


@pytest.fixture(scope="session")
def pocket() -> Iterator[Endpoint]:
    """The real embedded engine with the real pocket model."""
    with EmbeddedEngine(find_model("pocket")) as endpoint:
        yield endpoint


@pytest.fixture
def scripted() -> Iterator[ScriptedEndpoint]:
    """A real HTTP server that misbehaves as it is told."""
    with ScriptedEndpoint() as server:
        yield server


@pytest.fixture
def endpoint(scripted: ScriptedEndpoint) -> Endpoint:
    """That server as a reader knows it."""
    return connect(scripted.url)


@pytest.fixture(scope="module")
def modal() -> "Iterator[Modal]":
    """A stand-in for Modal's control plane, for all tests of a file."""
    from tests.support.modal_standin.client import Modal
    from tests.support.modal_standin.control_plane import ControlPlane

    plane = ControlPlane()
    yield Modal(plane, plane.start())
    plane.stop()
