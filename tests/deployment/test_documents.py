"""Whole documents through the deployed container: vLLM's address and key, with the same reader."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx2
import pytest

from tests.support.examples import EXAMPLES
from tests.support.modal_standin.client import (
    CONTAINER,
    Deployment,
    Modal,
    free_port,
    unpack,
)
from tests.support.modal_standin.web_address import KEY, WebAddress
from tests.support.server_events import read_events

pytestmark = pytest.mark.slow
LONG = 60.0  # seconds
REDIRECTS = 3
PAPER = EXAMPLES / "paper.pdf"
AUTHORIZATION = {"Authorization": f"Bearer {KEY}"}


@contextmanager
def container(deployment: Deployment, root: Path, **extra: str) -> Iterator[int]:
    """A container that takes requests; gives its port."""
    env = unpack(deployment, root) | {"STAYS": "1"} | extra
    port = free_port()
    command = [sys.executable, str(CONTAINER), str(port)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=env, cwd=root, stdin=pipe, stdout=pipe, text=True
    ) as process:
        assert process.stdout is not None
        assert "serving\n" in iter(process.stdout.readline, "")
        rest = Thread(target=process.stdout.read)
        rest.start()
        yield port
        assert process.stdin is not None
        process.stdin.close()
        rest.join()
    assert process.returncode == 0


@pytest.fixture(scope="module")
def deployment(modal: Modal) -> Deployment:
    return modal.deploy()


@pytest.fixture(scope="module")
def address(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("container")
    with container(deployment, root) as port, WebAddress(port, LONG).open() as url:
        yield url


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A named pipe: each line that is written to it lets a page of `gated_port` be read."""
    path = tmp_path_factory.mktemp("gate") / "gate"
    os.mkfifo(path)
    return path


@pytest.fixture(scope="module")
def gated_port(
    deployment: Deployment, gate: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    root = tmp_path_factory.mktemp("container")
    with container(deployment, root, VLLM_GATE=str(gate)) as port:
        yield port


def curl(*arguments: str) -> str:
    run = ["curl", "--silent", "--show-error", "--fail-with-body", "--location"]
    done = subprocess.run(
        [*run, *arguments], capture_output=True, text=True, timeout=LONG, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read_with_command_line(modal: Modal, url: str) -> str:
    command = [sys.executable, "-m", "lighton_ocr", "read", str(PAPER), "--url", url]
    done = modal.run(*command, LIGHTON_OCR_API_KEY=KEY)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl_gets_the_text_that_the_command_line_reads(modal: Modal, address: str) -> None:
    header = f"Authorization: Bearer {KEY}"
    text = curl("-H", header, "-F", f"file=@{PAPER}", f"{address}/v1/ocr?format=md")
    assert text.startswith("# ")
    assert text == read_with_command_line(modal, address)


def test_without_a_key_nothing_is_answered(address: str) -> None:
    for path in ("/", "/studio.css", "/v1/files/x"):
        assert httpx2.get(address + path).status_code == 401


def test_a_plain_call_follows_the_redirects_of_a_long_document(gated_port: int, gate: Path) -> None:
    def on_redirect(count: int) -> None:
        if count == REDIRECTS:
            gate.write_text("read\n")

    web = WebAddress(gated_port, 0.2, on_redirect)
    with web.open() as url:
        header = f"Authorization: Bearer {KEY}"
        text = curl("-H", header, "-F", f"file=@{PAPER}", f"{url}/v1/ocr?format=md")
    assert web.redirects >= REDIRECTS
    assert text.startswith("# ")


def test_a_stream_answers_before_the_first_page_is_read(gated_port: int, gate: Path) -> None:
    web = WebAddress(gated_port, LONG)
    form = {"file": PAPER.read_bytes()}
    data = {"stream": "true", "formats": "md"}
    with (
        web.open() as url,
        httpx2.Client(headers=AUTHORIZATION, timeout=LONG) as client,
        client.stream("POST", f"{url}/v1/ocr", files=form, data=data) as answer,
    ):
        events = read_events(answer)
        assert [next(events)[0] for _ in range(2)] == ["document", "page"]
        gate.write_text("read\n")
        *_, (name, done) = events
    assert name == "done"
    assert done["outputs"]["md"]["text"].startswith("# ")
    assert web.redirects == 0


def test_the_studio_is_there_beside_vllms_own_routes(address: str) -> None:
    with httpx2.Client(base_url=address, headers=AUTHORIZATION) as client:
        assert "<title>" in client.get("/").text
        assert client.get("/js/main.js").is_success
        assert client.get("/examples/letter.pdf").content == (EXAMPLES / "letter.pdf").read_bytes()
        models = client.get("/v1/models").json()["data"]
        assert json.dumps(models).count('"vllm"') == 1  # vLLM's own answer
        assert client.get("/sleep").status_code == 404


def test_a_container_that_slept_and_woke_reads_documents(modal: Modal, tmp_path: Path) -> None:
    with (
        container(modal.deploy(SNAPSHOT="1"), tmp_path) as port,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=LONG) as client,
    ):
        id = client.post("/v1/files", files={"file": ("a.pdf", PAPER.read_bytes())}).json()["id"]
        body = {"document": {"type": "file", "file_id": id}}
        (page,) = client.post("/v1/ocr", json=body).json()["pages"]
    assert page["markdown"].startswith("# ")
