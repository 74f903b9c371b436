"""The container's command with a real vLLM, and what clients can do to the server."""

import asyncio
import json
import re
import socket
import subprocess
import sys
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from rapidfuzz.distance import Levenshtein

from lighton_ocr.catalog import DEFAULT_MODEL, find_gpu, find_model
from lighton_ocr.documents import load_source, open_document, prepare
from lighton_ocr.documents.pages import EncodedPage, Geometry, PageOptions, encode, page_image
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.command import VllmOptions, vllm_command
from lighton_ocr.engines.vllm.server import START_SECONDS, child_environment
from lighton_ocr.engines.vllm.warm_up import warm_up_request
from lighton_ocr.errors import ModelMissing
from lighton_ocr.reading.attempts import AttemptSettings
from lighton_ocr.reading.client import PageClient, PageRequest, image_part
from tests.support.examples import EXAMPLES
from tests.support.real_vllm import CLEAN, MOST_DIFFERENT, SLOW, read

pytestmark = pytest.mark.slow
LONG = 4000  # tokens


@pytest.fixture(scope="module")
def letter_page(vllm: Endpoint) -> EncodedPage:
    with open_document(load_source(str(EXAMPLES / "letter.pdf"))) as document:
        (page,) = prepare(document, 0, PageOptions.of(vllm)).pieces
    return page


def cli(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lighton_ocr", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def post(vllm: Endpoint, content: object, **more: object) -> httpx2.Response:
    body = {"model": vllm.served_name, "messages": [{"role": "user", "content": content}]}
    return httpx2.post(
        f"{vllm.base_url}/chat/completions",
        json=body | {"max_tokens": 8, "temperature": 0} | more,
        timeout=120,
    )


def test_no_process_of_vllm_gives_up_before_the_others(options: VllmOptions) -> None:
    program = "import vllm.envs; print(vllm.envs.VLLM_ENGINE_READY_TIMEOUT_S)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=child_environment(options, "key"),
        stdout=subprocess.PIPE,
        check=True,
    )
    assert int(done.stdout) == START_SECONDS


def test_the_command_is_the_containers(options: VllmOptions, checkpoint: Path) -> None:
    container = VllmOptions(find_model(DEFAULT_MODEL), find_gpu("L4"), documents=True)
    deployed = vllm_command(container, host="0.0.0.0")  # noqa: S104
    here = vllm_command(options, weights=str(checkpoint), host="0.0.0.0")  # noqa: S104
    pocket, default = find_model("pocket"), find_model("1b")
    here[here.index(str(checkpoint))] = default.id
    names = here.index("--served-model-name") + 1
    here[names : names + len(pocket.names)] = default.names
    context = here.index("--max-model-len") + 1
    assert here[context] == str(pocket.context)
    here[context] = str(default.context)
    assert here == deployed


def test_check_finds_that_the_server_works(vllm: Endpoint) -> None:
    done = cli("check", "--url", vllm.base_url, "--model", "pocket")
    assert done.returncode == 0, done.stdout
    assert " works: 11 passed, 2 not applicable." in done.stdout


def test_the_command_line_reads_a_page(vllm: Endpoint) -> None:
    done = cli("read", EXAMPLES / "letter.pdf", "--url", vllm.base_url)
    assert (done.returncode, "With kind regards," in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize("name", CLEAN)
def test_greedy_text_is_that_of_the_embedded_engine(
    texts: dict[str, list[str]], embedded_texts: dict[str, list[str]], name: str
) -> None:
    for here, there in zip(texts[name], embedded_texts[name], strict=True):
        assert Levenshtein.normalized_distance(here, there) <= MOST_DIFFERENT


async def test_sixteen_pages_at_once_are_all_read(vllm: Endpoint, letter_page: EncodedPage) -> None:
    request = PageRequest(letter_page, AttemptSettings(0.0, 1.0, 600))
    async with PageClient(vllm) as client:
        answers = await asyncio.gather(*(client.send(request, lambda _: False) for _ in range(16)))
    first = answers[0].text
    assert "With kind regards," in first
    for answer in answers:
        assert answer.finish == "stop"
        assert Levenshtein.normalized_distance(answer.text, first) <= MOST_DIFFERENT


def test_a_page_that_is_too_large_is_reduced_by_the_server(vllm: Endpoint) -> None:
    with open_document(load_source(str(EXAMPLES / "letter.pdf"))) as document:
        size = (2576, 3640)
        large = document.render(0, replace(Geometry.of(vllm), edge=max(size))).image
    page = encode(page_image(0, large, (595, 842)))
    answer = post(vllm, [image_part(page)])
    assert answer.status_code == 200
    assert answer.json()["usage"]["prompt_tokens"] < 1700


def test_bytes_that_are_not_an_image_are_refused(vllm: Endpoint) -> None:
    answer = post(vllm, [image_part(EncodedPage(0, b"not an image", "image/png", (28, 28)))])
    assert answer.status_code == 400


def test_two_pages_in_one_request_are_refused(vllm: Endpoint, letter_page: EncodedPage) -> None:
    answer = post(vllm, [image_part(letter_page)] * 2)
    assert answer.status_code == 400
    assert "At most 1 image" in answer.text


async def test_a_wrong_model_name_is_an_error(vllm: Endpoint, letter_page: EncodedPage) -> None:
    wrong = replace(vllm, served_name="somebody-else")
    async with PageClient(wrong) as client:
        with pytest.raises(ModelMissing, match="does not serve somebody-else: The model"):
            await client.send(
                PageRequest(letter_page, AttemptSettings(0.0, 1.0, 8)), lambda _: False
            )
    done = cli("read", EXAMPLES / "letter.pdf", "--url", vllm.base_url, "--model", "2-1b")
    assert (done.returncode, done.stdout) == (3, "")
    assert "does not serve lightonai/LightOnOCR-2-1B" in done.stderr


def metric(vllm: Endpoint, name: str) -> int:
    metrics = httpx2.get(vllm.root_url + "/metrics").text
    (value,) = re.findall(rf"^vllm:{name}{{[^}}]*}} (\S+)", metrics, re.MULTILINE)
    return round(float(value))


def open_stream(vllm: Endpoint, page: EncodedPage) -> socket.socket:
    """Open a raw connection on which an answer of LONG tokens has begun."""
    body = {
        "model": vllm.served_name,
        "messages": [{"role": "user", "content": [image_part(page)]}],
        "stream": True,
        "max_tokens": LONG,
        # Random tokens: among 8,192 of them, the one that ends an answer seldom comes.
        "temperature": 2,
        "seed": 1,
    }
    data = json.dumps(body).encode()
    where = urlsplit(vllm.base_url)
    connection = socket.create_connection((where.hostname, where.port), timeout=120)
    connection.sendall(
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(data) + data
    )
    received = b""
    while received.count(b"data: ") < 3:
        received += connection.recv(65536)
    return connection


def test_a_client_that_disconnects_is_no_longer_served(
    vllm: Endpoint, letter_page: EncodedPage
) -> None:
    before = metric(vllm, "generation_tokens_total")
    open_stream(vllm, letter_page).close()
    while others_are_served(vllm):
        pass
    assert metric(vllm, "generation_tokens_total") - before < LONG


def others_are_served(vllm: Endpoint) -> bool:
    """Whether tokens are generated besides that of a request of ours, a small blank page."""
    blank = warm_up_request(replace(vllm.model, edge=280))["messages"][0]["content"]
    before = metric(vllm, "generation_tokens_total")
    own: int = post(vllm, blank).json()["usage"]["completion_tokens"]
    return metric(vllm, "generation_tokens_total") - before != own


def test_a_half_closed_stream_ends_by_itself(vllm: Endpoint, letter_page: EncodedPage) -> None:
    with open_stream(vllm, letter_page) as connection:
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    assert read(vllm, "letter.pdf")[0].startswith("Harbour Museum")


def test_a_request_that_stays_half_sent_is_not_waited_for(half_sent: Future[int]) -> None:
    """It was sent before the attacks: here, at the end, its minute is over."""
    assert half_sent.result() == SLOW.status
