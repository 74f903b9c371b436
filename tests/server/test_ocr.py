"""`/v1/ocr` as curl, Mistral's client and programs use it."""

import base64
import json
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mistralai.client import Mistral
from mistralai.client.models import OCRImageBlock, OCRPageObject, OCRTitleBlock
from PIL import Image

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.remote import connect
from lighton_ocr.formats import FORMATS
from lighton_ocr.reading.results import PageResult
from lighton_ocr.server.app import create_app
from lighton_ocr.server.ocr_response import page_markdown
from tests.support.box_answers import LAYOUT
from tests.support.corpus import pdf
from tests.support.examples import PLACE
from tests.support.pictures import picture
from tests.support.running_server import running
from tests.support.scripted_endpoint import ScriptedEndpoint, says, status
from tests.support.server_events import read_events

pytestmark = pytest.mark.slow  # renderers are processes

PAGES = "data:application/pdf;base64," + base64.b64encode(pdf("a", 2)).decode()


def curl(*arguments: str) -> str:
    done = subprocess.run(
        ["curl", "--silent", "--show-error", *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def data_url(path: Path, media_type: str = "application/pdf") -> str:
    return f"data:{media_type};base64,{base64.b64encode(path.read_bytes()).decode()}"


def test_curl_sends_a_form(server: str, note: Path) -> None:
    text = curl("-F", f"file=@{note}", f"{server}/v1/ocr?format=md")
    assert PLACE in text
    assert not text.startswith("{")


def test_curl_sends_the_file_as_the_body(server: str, note: Path) -> None:
    answer = json.loads(
        curl(
            *("--data-binary", f"@{note}", "-H", "Content-Type: application/pdf"),
            f"{server}/v1/ocr",
        )
    )
    (page,) = answer["pages"]
    assert PLACE in page["markdown"]
    assert page["index"] == 0
    assert max(page["dimensions"]["width"], page["dimensions"]["height"]) == 1288
    assert answer["usage_info"] == {
        "pages_processed": 1,
        "doc_size_bytes": note.stat().st_size,
    }


def test_mistrals_client_reads_a_document(server: str, note: Path) -> None:
    with Mistral(api_key="any", server_url=server) as client:
        answer = client.ocr.process(
            model="pocket",
            document={"type": "document_url", "document_url": data_url(note)},
            pages=[0],
        )
    assert PLACE in answer.pages[0].markdown
    assert answer.usage_info.pages_processed == 1
    assert answer.model == "lighton-ocr-pocket"


def test_mistrals_upload_flow(server: str, note: Path) -> None:
    with Mistral(api_key="any", server_url=server) as client:
        file = client.files.upload(
            file={"file_name": "note.pdf", "content": note.read_bytes()}, purpose="ocr"
        )
        assert file.size_bytes == note.stat().st_size
        assert client.files.retrieve(file_id=file.id).filename == "note.pdf"
        signed = client.files.get_signed_url(file_id=file.id, expiry=1)
        assert httpx2.get(signed.url).content == note.read_bytes()
        by_url = client.ocr.process(
            model="pocket", document={"type": "document_url", "document_url": signed.url}
        )
        assert PLACE in by_url.pages[0].markdown
        by_id = client.ocr.process(model="pocket", document={"type": "file", "file_id": file.id})
        assert by_id.pages[0].markdown == by_url.pages[0].markdown
        assert client.files.delete(file_id=file.id).deleted
    assert httpx2.get(signed.url).status_code == 404


def test_a_signed_address_cannot_be_changed(http: httpx2.Client, letter: Path) -> None:
    form = {"file": ("a.pdf", letter.read_bytes())}
    id = http.post("/v1/files", files=form, data={"purpose": "ocr"}).json()["id"]
    signed = http.get(f"/v1/files/{id}/url", params={"expiry": 1}).json()["url"]
    later = signed.replace("expires=1", "expires=2")
    assert later != signed
    assert http.get(later).status_code == 401
    assert http.get(signed.partition("?")[0]).status_code == 401


def test_an_image_url_with_a_webp(http: httpx2.Client, note: Path) -> None:
    document = {"type": "image_url", "image_url": picture(note, "WEBP")}
    answer = http.post("/v1/ocr", json={"model": None, "document": document})
    assert PLACE in answer.json()["pages"][0]["markdown"]


def test_the_stream_says_what_happens(http: httpx2.Client, letter: Path) -> None:
    options = {
        "stream": "true",
        "include_page_images": "true",
        "include_html": "true",
        "formats": "md,html",
    }
    form = {"file": ("letter.pdf", letter.read_bytes())}
    with http.stream("POST", "/v1/ocr", data=options, files=form) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = list(read_events(response))
    names = [name for name, _ in events if name != "text"]
    assert names == ["document", "page", "page_done", "done"]
    data = dict(events)
    assert data["document"]["pages"] == [0]
    assert data["document"]["name"] == "letter.pdf"
    picture = data["page"]["image"].removeprefix("data:image/jpeg;base64,")
    with Image.open(BytesIO(base64.b64decode(picture))) as image:
        assert max(image.size) <= 1540
    pieces = [event["delta"] for name, event in events if name == "text"]
    assert len(pieces) > 50
    done = data["page_done"]
    assert PLACE in done["markdown"]
    assert "<p>Dear Mrs Lindqvist" in done["html"]
    assert "Keeper" in done["own_text"]
    assert done["error"] is None
    assert done["attempts"][0]["outcome"] == "stop"
    outputs = data["done"]["outputs"]
    assert outputs["md"]["text"].strip() == done["markdown"].strip()
    assert outputs["html"]["name"] == "letter.html"


@pytest.mark.parametrize("format", FORMATS)
def test_every_format(http: httpx2.Client, format: str) -> None:
    blank = BytesIO()  # a blank page is not sent to the engine
    Image.new("L", (200, 300), 255).save(blank, "PNG")
    answer = http.post(
        "/v1/ocr",
        params={"format": format},
        content=blank.getvalue(),
        headers={"Content-Type": "image/png"},
    )
    assert answer.status_code == 200
    assert f"document.{format}" in answer.headers["content-disposition"]
    if format != "md":
        assert answer.content


def test_blocks_and_figures_of_a_model_that_gives_boxes(letter: Path) -> None:
    form = {"file": ("letter.pdf", letter.read_bytes())}
    with (
        ScriptedEndpoint(default=says(LAYOUT, pieces=50), model="3-1b") as scripted,
        running(create_app(connect(scripted.url))) as url,
    ):
        options = {"include_image_base64": "true"}
        (page,) = httpx2.post(f"{url}/v1/ocr", files=form, data=options, timeout=60).json()["pages"]
        extract = {"extract_header": "true", "extract_footer": "true", "table_format": "markdown"}
        answer = httpx2.post(f"{url}/v1/ocr", files=form, data=extract, timeout=60)
        (parts,) = answer.json()["pages"]
        with httpx2.stream("POST", f"{url}/v1/ocr?stream=true", files=form, timeout=60) as answer:
            (done,) = [data for name, data in read_events(answer) if name == "page_done"]
        with Mistral(api_key="any", server_url=url) as client:
            document = {"type": "document_url", "document_url": data_url(letter)}
            (blocked,) = client.ocr.process(model="3-1b", document=document).pages
    check_blocks(blocked)
    assert page["blocks"] is None
    title = done["blocks"][1]
    assert (title["kind"], title["box"]) == ("title", [113, 108, 463, 123])
    for image in page["images"]:
        assert f"]({image['id']})" in page["markdown"]
        data = base64.b64decode(image["image_base64"].removeprefix("data:image/jpeg;base64,"))
        with Image.open(BytesIO(data)) as picture:
            width = image["bottom_right_x"] - image["top_left_x"]
            assert picture.width == pytest.approx(width, abs=2)
    assert len(page["images"]) == 2
    assert page["markdown"].startswith("Harbour Notes\n")
    assert (page["header"], page["footer"], page["tables"]) == (None, None, [])
    assert parts["markdown"].startswith("## Tides")
    assert parts["markdown"].endswith("\n\n[tbl-0.md](tbl-0.md)")
    assert (parts["header"], parts["footer"]) == ("Harbour Notes", "3")
    assert parts["tables"] == [
        {"id": "tbl-0.md", "content": "| 1 |\n| --- |", "format": "markdown"}
    ]


def test_blocks_and_figures_of_a_model_that_gives_none(letter: Path) -> None:
    text = "Harbour Museum\n\n![image](image_1.png)\n\n14 March 2026\n\nDear Mrs Lindqvist,"
    form = {"file": ("letter.pdf", letter.read_bytes())}
    with (
        ScriptedEndpoint(default=says(text, pieces=5), model="1b") as scripted,
        running(create_app(connect(scripted.url))) as url,
    ):

        def pages(**options: str) -> Any:
            answer = httpx2.post(f"{url}/v1/ocr", files=form, data=options, timeout=60)
            return answer.json()["pages"][0]

        plain, pictured = pages(), pages(include_image_base64="true")
        stream = f"{url}/v1/ocr?stream=true"
        with httpx2.stream("POST", stream, files=form, timeout=60) as answer:
            (bare,) = [data for name, data in read_events(answer) if name == "page_done"]
        with httpx2.stream(
            "POST", f"{stream}&include_blocks=true", files=form, timeout=60
        ) as answer:
            (done,) = [data for name, data in read_events(answer) if name == "page_done"]
        with Mistral(api_key="any", server_url=url) as client:
            document = {"type": "document_url", "document_url": data_url(letter)}
            (blocked,) = client.ocr.process(model="1b", document=document).pages
    assert (plain["blocks"], plain["images"], bare["blocks"]) == (None, [], [])
    assert "![image](image_1.png)" in plain["markdown"]
    assert blocked.blocks
    assert [block.type for block in blocked.blocks] == ["text", "image", "text", "text"]
    assert [block["kind"] for block in done["blocks"]] == ["text", "image", "text", "text"]
    sender, figure, date, _ = (block["box"] for block in done["blocks"])
    assert sender[3] <= figure[1] < figure[3] <= date[1]  # the address is what is between them
    (image,) = pictured["images"]
    assert f"![image]({image['id']})" in pictured["markdown"]
    assert image["image_base64"].startswith("data:image/jpeg;base64,")


def check_blocks(page: OCRPageObject) -> None:
    """Mistral's client has understood each block of `LAYOUT` as what it is."""
    kinds = ["header", "title", "text", "text", "image", "image", "table", "footer"]
    assert page.blocks
    assert [block.type for block in page.blocks] == kinds
    title, chart = page.blocks[1], page.blocks[5]
    assert isinstance(title, OCRTitleBlock)
    assert page.dimensions
    assert title.content == "## Tides and the Timing of Ferries"
    assert title.bottom_right_x / page.dimensions.width == pytest.approx(0.463, abs=0.001)
    assert title.bottom_right_y / page.dimensions.height == pytest.approx(0.123, abs=0.001)
    assert isinstance(chart, OCRImageBlock)
    assert chart.image_id == page.images[1].id
    assert chart.content == "Current over a day"


def test_tables_are_numbered_through_the_document(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |"
    scripted.default = says(f"# Both\n\n{table}\n\nand\n\n<table><tr><td>3</td></tr></table>")
    with running(create_app(endpoint)) as url:
        body = {"document": {"type": "document_url", "document_url": PAGES}, "table_format": "html"}
        pages = httpx2.post(f"{url}/v1/ocr", json=body, timeout=60).json()["pages"]
    names = [[table["id"] for table in page["tables"]] for page in pages]
    assert names == [["tbl-0.html", "tbl-1.html"], ["tbl-2.html", "tbl-3.html"]]
    assert pages[1]["markdown"] == (
        "# Both\n\n[tbl-2.html](tbl-2.html)\n\nand\n\n[tbl-3.html](tbl-3.html)"
    )
    assert pages[0]["tables"][0]["content"] == (
        "<table>\n<tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr>\n</table>"
    )


def test_a_page_that_fails_is_marked(scripted: ScriptedEndpoint, endpoint: Endpoint) -> None:
    scripted.script = [says("The fi- rst is first."), status(400, "image too odd")]
    with running(create_app(replace(endpoint, slots=1))) as url:
        answer = httpx2.post(f"{url}/v1/ocr", files={"file": ("a.pdf", pdf("a", 2))}, timeout=60)
    assert answer.status_code == 200
    first, second = answer.json()["pages"]
    assert (first["markdown"], first["error"]) == ("The first is first.", None)
    assert second["markdown"] == "<!-- page 2 could not be read -->"
    assert "image too odd" in second["error"]


def test_the_text_is_clean_as_warnings_have_a_field_of_their_own() -> None:
    warned = PageResult(1, "text", "stop", warnings=("Page 1: it may be wrong.",))
    assert page_markdown(warned) == "text"
