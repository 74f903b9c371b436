"""What a file says is on its page goes along with the page, to servers that can use it."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from anyio import BrokenWorkerProcess

from lighton_ocr.documents import DocumentFile, Source, load_source, open_document, prepare
from lighton_ocr.documents.drafts import draft
from lighton_ocr.documents.pages import EncodedPage, Geometry, PageOptions
from lighton_ocr.documents.pdf import PdfFile
from lighton_ocr.documents.render_pool import RenderPool, _prepare
from lighton_ocr.documents.splitting import halves
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import AttemptSettings
from lighton_ocr.reading.client import PageClient, PageRequest
from lighton_ocr.reading.reader import Reader
from tests.support.drawn_pages import AMPLIFIED, LICENSE_LINES, printed
from tests.support.examples import EXAMPLES
from tests.support.scripted_endpoint import ScriptedEndpoint

OPTIONS = PageOptions(Geometry(1288, 28), with_draft=True)
BODY = "Everything that has been said of tides and moons was said\r\n"


def prepared(name: str) -> EncodedPage:
    with open_document(load_source(str(EXAMPLES / name))) as document:
        (page,) = prepare(document, 0, OPTIONS).pieces
    return page


@pytest.mark.parametrize(
    ("layer", "written"),
    [
        ("", ""),
        ("\r\n \r\n", ""),
        ("Tides", "Tides"),
        (f"1 Tides\r\n{BODY * 2}before us.\r\n", f"1 Tides\n\n{BODY * 2}before us."),
        (f"{BODY}- one\r\n- two\r\n", f"{BODY}- one\n\n- two"),
        ("Tides of inter\x02national seas", "Tides of international seas"),
        ("half a pair \ud83d of signs", "half a pair  of signs"),
    ],
)
def test_lines_of_a_paragraph_are_joined_and_paragraphs_kept_apart(
    layer: str, written: str
) -> None:
    assert draft(layer) == written.replace("\r\n", " ")


def test_a_page_of_endless_text_has_a_draft_of_bounded_length() -> None:
    assert len(draft("word " * 100_000)) <= 32_000


def test_a_pdf_has_a_draft_and_a_picture_of_it_has_none() -> None:
    page = prepared("letter.pdf")
    assert "Harbour Museum" in page.draft
    with open_document(Source("scan.png", page.data)) as scan:
        (again,) = prepare(scan, 0, OPTIONS).pieces
    assert again.draft == ""


def test_a_page_whose_text_cannot_be_had_is_read_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: PdfFile, index: int) -> str:
        raise pypdfium2.PdfiumError("Failed to load text page.")

    monkeypatch.setattr(PdfFile, "text_layer", fail)
    page = prepared("letter.pdf")
    assert (page.draft, page.media_type) == ("", "image/png")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process's memory has no limit")
async def test_a_text_that_takes_the_renderer_along_costs_the_draft_alone(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(AMPLIFIED)
    file = DocumentFile(tmp_path / "a.pdf", "a.pdf")
    with pytest.raises(BrokenWorkerProcess):
        await RenderPool(1)._call_once(_prepare, (file, 0, OPTIONS))
    (page,) = (await RenderPool(1).prepare(file, 0, OPTIONS)).pieces
    assert page.draft == ""


@pytest.mark.parametrize("is_vllm", [True, False])
async def test_no_text_is_looked_for_that_no_server_would_take(
    scripted: ScriptedEndpoint, endpoint: Endpoint, is_vllm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_for: list[int] = []

    def text_layer(self: PdfFile, index: int) -> str:
        looked_for.append(index)
        return ""

    monkeypatch.setattr(PdfFile, "text_layer", text_layer)
    async with Reader(replace(endpoint, software="vllm" if is_vllm else None)) as reader:
        with open_document(load_source(str(EXAMPLES / "letter.pdf"))) as document:
            assert [page.page async for page in reader.read(document)] == [1]
    assert looked_for == ([0] if is_vllm else [])


def test_parts_of_a_page_have_the_whole_pages_draft() -> None:
    page = prepared("paper.pdf")
    parts = halves(page)
    assert len(parts) == 2
    assert {part.draft for part in parts} == {page.draft}


def test_pieces_of_a_tall_page_have_its_draft() -> None:
    with open_document(Source("strip.pdf", printed())) as document:
        drafts = [piece.draft for piece in prepare(document, 0, OPTIONS).pieces]
    assert len(drafts) > 1
    assert len(set(drafts)) == 1
    assert LICENSE_LINES[0] in drafts[0]


@pytest.mark.parametrize("is_vllm", [True, False])
async def test_only_vllm_is_sent_a_draft(
    scripted: ScriptedEndpoint, endpoint: Endpoint, is_vllm: bool
) -> None:
    page = prepared("letter.pdf")
    async with PageClient(replace(endpoint, software="vllm" if is_vllm else None)) as client:
        for sent in (page, replace(page, draft="")):
            await client.send(PageRequest(sent, AttemptSettings(0.0, 1.0, 8)), lambda _: False)
    first, second = scripted.bodies
    assert first.get("vllm_xargs") == ({"draft": page.draft} if is_vllm else None)
    assert "vllm_xargs" not in second
    assert "Harbour Museum" not in json.dumps(first["messages"])
