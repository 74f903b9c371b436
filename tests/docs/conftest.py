"""A checkout in which to run what the documents say, with a deployment, a web server and Modal."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.server.app import create_app
from tests.support.checkout import Checkout
from tests.support.markdown import ROOT
from tests.support.modal_standin.batch_container import BatchContainer
from tests.support.modal_standin.client import BIN, Modal
from tests.support.modal_standin.control_plane import ControlPlane
from tests.support.running_server import running
from tests.support.sample_files import make_sample_files

INTERACTIVE_MAKE = Path(__file__).parents[1] / "support" / "interactive_make.py"


@pytest.fixture(scope="session")
def sample_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample_files(tmp_path_factory.mktemp("sample_files"))


@pytest.fixture(scope="session")
def web(sample_files: Path) -> Iterator[str]:
    """The URL of a web server with the same files."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=sample_files)) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def server(pocket: Endpoint) -> Iterator[str]:
    """The URL of `lighton-ocr serve`."""
    with running(create_app(pocket)) as url:
        yield url


@pytest.fixture(scope="session")
def modal() -> Iterator[Modal]:
    """Modal's stand-in, with the default model deployed."""
    plane = ControlPlane()
    client = Modal(plane, plane.start())
    client.deploy()
    yield client
    plane.stop()


@pytest.fixture
def checkout(
    tmp_path: Path, sample_files: Path, web: str, pocket: Endpoint, modal: Modal
) -> Iterator[Checkout]:
    """A fresh checkout; deployments made or stopped in it are undone."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name not in (".env", ".venv", ".git", "build"):
            (folder / path.name).symlink_to(path)
    shutil.copytree(sample_files, folder, dirs_exist_ok=True)  # examples write over them
    (folder / ".venv").symlink_to(BIN.parent)
    key = pocket.api_key or ""
    (folder / ".env").write_text(f"LIGHTON_OCR_API_KEY={key}\n")
    own = {
        "LIGHTON_OCR_API_KEY": key,
        "PDF_URL": f"{web}/report.pdf",
        "PATH": os.pathsep.join([str(_wrapped_make(tmp_path)), str(BIN), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "COLUMNS": "200",
    }
    apps = dict(modal.plane.apps)
    container = BatchContainer(modal, tmp_path)
    yield Checkout(folder, modal.env() | own)
    container.stop()
    modal.plane.apps = apps


def _wrapped_make(folder: Path) -> Path:
    """Return a folder for the PATH, with a `make` that ends what serves."""
    folder /= "bin"
    folder.mkdir()
    program = folder / "make"
    program.write_text(
        f'#!/bin/sh\nexec {shlex.join([sys.executable, str(INTERACTIVE_MAKE)])} "$@"\n'
    )
    program.chmod(0o755)
    return folder
