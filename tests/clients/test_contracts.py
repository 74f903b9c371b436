"""What clients send that cannot be installed here: their requests, as their own code makes them."""

import base64
import json
import subprocess
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from rapidfuzz.fuzz import ratio
from reportlab.pdfgen.canvas import Canvas

from tests.support.client_programs import PYTHON, SIMILAR
from tests.support.corpus import pdf
from tests.support.sample_files import FIRST_PAGE

pytestmark = pytest.mark.slow

# Docling's own request: all that its pipeline does with an endpoint.
DOCLING = """
import sys
from docling.utils.api_image_request import api_image_request
from PIL import Image

answer = api_image_request(
    image=Image.open("document.png"),
    prompt="",
    url=sys.argv[1] + "/v1/chat/completions",
    timeout=600,
    headers={"Authorization": "Bearer none"},
    model="pocket",
    temperature=0.0,
)
assert not answer.error, answer.error
print(answer.text)
"""
# Beside the image, paperless-gpt sends instructions.
INSTRUCTIONS = "Just transcribe the text in this image and preserve the formatting and layout."


def assert_first_page(text: str) -> None:
    assert ratio(FIRST_PAGE.split(), text.split()) >= SIMILAR, text


def test_docling(server: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [PYTHON, "-c", DOCLING, server],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert_first_page(done.stdout)


def test_open_webui(server: str, folder: Path) -> None:
    answer = httpx2.put(
        f"{server}/v1/process",
        content=(folder / "report.pdf").read_bytes(),
        headers={
            "Content-Type": "application/pdf",
            "Authorization": "Bearer none",
            "X-Filename": quote("Bericht März.pdf"),
        },
        timeout=120,
    )
    first, second = answer.json()  # the third page is blank
    assert_first_page(first["page_content"])
    assert first["metadata"] == {"source": "Bericht März.pdf", "page": 0}
    assert second["metadata"]["page"] == 1


def test_open_webui_tries_its_own_loader_where_there_is_no_text(server: str) -> None:
    blank = BytesIO()
    canvas = Canvas(blank)
    canvas.showPage()
    canvas.save()
    answer = httpx2.put(f"{server}/v1/process", content=blank.getvalue(), timeout=120)
    assert answer.status_code == 422
    assert "No extractable text in document" in answer.json()["error"]["message"]


def test_open_webui_hears_what_is_no_document(server: str) -> None:
    word = {"Content-Type": "application/msword", "X-Filename": "letter.doc"}
    answer = httpx2.put(f"{server}/v1/process", content=b"text", headers=word, timeout=120)
    assert answer.status_code == 415
    assert "msword" in answer.json()["error"]["message"]


def test_open_webui_sends_no_parameters_so_none_is_ignored(server: str) -> None:
    answer = httpx2.put(f"{server}/v1/process?format=html", content=pdf("a", 1), timeout=120)
    assert answer.status_code == 422


def test_paperless_gpt(server: str, folder: Path) -> None:
    image = base64.b64encode((folder / "document.png").read_bytes()).decode()
    url = {"url": f"data:image/png;base64,{image}"}
    content = [{"type": "image_url", "image_url": url}, {"type": "text", "text": INSTRUCTIONS}]
    body = {"model": "pocket", "messages": [{"role": "user", "content": content}], "temperature": 0}
    answer = httpx2.post(f"{server}/v1/chat/completions", content=json.dumps(body), timeout=120)
    assert_first_page(answer.json()["choices"][0]["message"]["content"])
