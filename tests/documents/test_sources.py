import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lighton_ocr.batch.inputs import BatchInput
from lighton_ocr.documents import FetchLimits, Source, load_source
from lighton_ocr.documents.web import without_password
from lighton_ocr.errors import DocumentError

SMALL = FetchLimits(bytes=1 << 20)
HURRIED = FetchLimits(stall_seconds=0.2)


class Web(BaseHTTPRequestHandler):
    released = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/hang":
            Web.released.wait()
            return
        if self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
            return
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x" * (3 << 20) if self.path == "/large" else b"%PDF-1.4 body")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        Web.released.set()
        server.shutdown()
        thread.join()


def test_a_url_is_fetched_and_named(web: str) -> None:
    source = load_source(f"{web}/pdf/2412.13663")
    assert source.data == b"%PDF-1.4 body"
    assert source.stem == "2412.13663"
    assert load_source(f"{web}/a%20b.pdf?x=1").stem == "a b"


def test_no_password_of_a_url_is_shown(web: str) -> None:
    secret = web.replace("://", "://user:pass@word@")
    assert load_source(f"{secret}/a@b.pdf").name == f"{web}/a@b.pdf"
    with pytest.raises(DocumentError, match=f"^{web}/missing answers with HTTP status 404"):
        load_source(f"{secret}/missing")
    assert BatchInput(f"{secret}/a.pdf", "a").name == f"{web}/a.pdf"
    assert without_password("https://host?to=a@b") == "https://host?to=a@b"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/loop", "redirects too many times"),
        ("/missing", "HTTP status 404"),
        ("/large", "larger than 1 MiB"),
    ],
)
def test_a_bad_url_is_a_sentence(web: str, path: str, sentence: str) -> None:
    with pytest.raises(DocumentError, match=sentence):
        load_source(web + path, SMALL)


def test_silence_is_a_sentence(web: str) -> None:
    with pytest.raises(DocumentError, match="does not answer"):
        load_source(f"{web}/hang", HURRIED)


def test_nobody_there() -> None:
    with pytest.raises(DocumentError, match="cannot be fetched"):
        load_source("http://127.0.0.1:1/a.pdf")


def test_files(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pdf"
    empty.touch()
    with pytest.raises(DocumentError, match=r"empty\.pdf is empty"):
        load_source(str(empty))
    with pytest.raises(DocumentError, match="There is no file"):
        load_source(str(tmp_path / "nothing.pdf"))
    with pytest.raises(DocumentError, match=r"emtpy\.pdf\. Did you mean .*/empty\.pdf\?"):
        load_source(str(tmp_path / "emtpy.pdf"))
    with pytest.raises(DocumentError, match="lighton-ocr batch"):
        load_source(str(tmp_path))
    assert Source("x/report.v2.pdf", Path("x/report.v2.pdf")).stem == "report.v2"
