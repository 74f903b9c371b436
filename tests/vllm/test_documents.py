"""Whole documents inside a real vLLM with two API servers."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from rapidfuzz.distance import Levenshtein

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.server import VllmServer
from tests.support.examples import EXAMPLES
from tests.support.real_vllm import CLEAN, MOST_DIFFERENT, read

pytestmark = pytest.mark.slow
SECONDS = 120.0


def ocr(vllm: Endpoint, path: Path) -> list[str]:
    """The text of each page, by a request on a connection of its own."""
    form = {"file": path.read_bytes()}
    answer = httpx2.post(f"{vllm.base_url}/ocr", files=form, timeout=SECONDS)
    assert answer.status_code == 200, answer.text
    return [page["markdown"] for page in answer.json()["pages"]]


@pytest.mark.parametrize("name", CLEAN)
def test_a_documents_text_is_that_of_its_pages(
    vllm: Endpoint, texts: dict[str, list[str]], name: str
) -> None:
    for whole, page in zip(ocr(vllm, EXAMPLES / name), texts[name], strict=True):
        assert Levenshtein.normalized_distance(whole, page) <= MOST_DIFFERENT


def test_documents_and_chats_are_read_side_by_side(vllm: Endpoint) -> None:
    path = EXAMPLES / "letter.pdf"
    with ThreadPoolExecutor(8) as clients:
        documents = [clients.submit(ocr, vllm, path) for _ in range(6)]
        chats = [clients.submit(read, vllm, path.name) for _ in range(2)]
    for reading in (*documents, *chats):
        assert "With kind regards," in reading.result()[0]


def test_each_api_server_has_the_uploaded_files(vllm: Endpoint) -> None:
    data = (EXAMPLES / "letter.pdf").read_bytes()
    file = httpx2.post(f"{vllm.base_url}/files", files={"file": ("letter.pdf", data)}).json()
    address = f"{vllm.base_url}/files/{file['id']}"
    # Any of them may take a connection, so twelve mostly reach both.
    assert {httpx2.get(address).json()["filename"] for _ in range(12)} == {"letter.pdf"}
    assert httpx2.delete(address).json()["deleted"]
    assert {httpx2.get(address).status_code for _ in range(12)} == {404}


def test_renderers_do_not_load_vllm(vllm: Endpoint, vllm_server: VllmServer) -> None:
    ocr(vllm, EXAMPLES / "letter.pdf")
    workers = [
        stat
        for stat in Path("/proc").glob("[0-9]*/stat")
        if b"anyio.to_process" in stat.with_name("cmdline").read_bytes()
        and _group(stat) == vllm_server._process.pid
    ]
    assert workers
    for stat in workers:
        assert "libtorch" not in stat.with_name("maps").read_text()


def _group(stat: Path) -> int:
    return int(stat.read_text().rpartition(")")[2].split()[2])
