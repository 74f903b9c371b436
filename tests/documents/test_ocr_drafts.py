"""A scan's draft is what Tesseract reads on it: sent to vLLM if it is there, missed by nobody."""

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lighton_ocr.documents import (
    Source,
    ThreadPreparer,
    load_source,
    ocr_drafts,
    open_document,
    prepare,
)
from lighton_ocr.documents.ocr_drafts import OcrDrafts
from lighton_ocr.documents.pages import EncodedPage, Geometry, PageOptions
from lighton_ocr.documents.splitting import halves
from lighton_ocr.documents.tesseract import Tesseract
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import UsageError
from lighton_ocr.reading.reader import Reader
from lighton_ocr.reading.results import PageResult
from tests.support.command_line import run
from tests.support.drawn_pages import LICENSE_LINES, printed
from tests.support.examples import EXAMPLES
from tests.support.scripted_endpoint import ScriptedEndpoint, says

pytestmark = pytest.mark.slow

SCAN = EXAMPLES / "scan.jpg"
TEXT = "The prints are in good condition, and most of the dates on the back"


def draft_of(body: dict[str, Any]) -> str:
    """The draft of a request, which is no part of what the model sees."""
    draft: str = body["vllm_xargs"]["draft"]
    assert draft[:40] not in json.dumps(body["messages"])
    return draft


async def read(endpoint: Endpoint, path: Path) -> list[PageResult]:
    async with Reader(endpoint, ocr_drafts=True) as reader:
        with open_document(load_source(str(path))) as document:
            return [result async for result in reader.read(document)]


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a script that is called instead of Tesseract belongs; without one, none is found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder / "tesseract"


def write_script(path: Path, reads: str) -> None:
    """Write a shell script that has English data, and reads an image in this way."""
    path.write_text(f'#!/bin/sh\n[ "$1" = --list-langs ] && echo eng && exit\n{reads}\n')
    path.chmod(0o755)


@pytest.mark.parametrize("command", ["read", "batch"])
def test_a_scan_has_the_text_of_tesseract_and_a_pdf_its_own(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path, command: str
) -> None:
    folder = f"{tmp_path}/out/"
    where = {"read": ("-o", folder), "batch": ("--out", folder)}[command]
    done = run(command, SCAN, letter, *where, "--url", scripted.url, "--ocr-drafts")
    assert done.returncode == 0, done.stderr.decode()
    assert len(scripted.bodies) == 2
    with open_document(load_source(str(letter))) as document:
        options = PageOptions(Geometry(1540, 28), with_draft=True)
        own = prepare(document, 0, options).pieces[0].draft
    drafts = [draft_of(body) for body in scripted.bodies]
    assert own in drafts
    drafts.remove(own)
    assert TEXT in drafts[0]


def test_a_batch_resumes_with_drafts_and_without(
    scripted: ScriptedEndpoint, tmp_path: Path
) -> None:
    batch = ("batch", SCAN, "--out", tmp_path / "out", "--url", scripted.url)
    assert run(*batch).returncode == 0
    done = run(*batch, "--ocr-drafts", "--format", "json")
    assert (done.returncode, len(scripted.bodies)) == (0, 1)
    assert "Hello from the page." in (tmp_path / "out" / "scan.json").read_text()


def test_nobody_has_to_want_drafts(scripted: ScriptedEndpoint) -> None:
    assert run("read", SCAN, "--url", scripted.url).returncode == 0
    assert "vllm_xargs" not in scripted.bodies[0]


@pytest.mark.parametrize("command", ["read", "batch"])
def test_without_tesseract_nothing_is_read(
    scripted: ScriptedEndpoint, tmp_path: Path, command: str
) -> None:
    out = ("--out", tmp_path / "out") if command == "batch" else ()
    arguments = (command, SCAN, *out, "--url", scripted.url, "--ocr-drafts")
    done = run(*arguments, PATH=str(tmp_path))
    assert (done.returncode, scripted.bodies) == (2, [])
    assert b"--ocr-drafts needs the program tesseract" in done.stderr
    assert b"apt install tesseract-ocr" in done.stderr
    done = run(*arguments, TESSDATA_PREFIX=str(tmp_path))
    assert (done.returncode, scripted.bodies) == (2, [])
    assert b"apt install tesseract-ocr-eng" in done.stderr


@pytest.mark.parametrize("command", ["read", "batch"])
def test_what_takes_no_drafts_is_refused(
    scripted: ScriptedEndpoint, tmp_path: Path, command: str
) -> None:
    scripted.owner = "somebody"
    out = ("--out", tmp_path / "out") if command == "batch" else ()
    named = run(command, SCAN, *out, "--url", scripted.url, "--ocr-drafts")
    assert (named.returncode, scripted.bodies) == (2, [])
    assert f"{scripted.url}/v1 takes no drafts" in named.stderr.decode()
    embedded = run(command, SCAN, *out, "--ocr-drafts")
    assert embedded.returncode == 2
    assert embedded.stderr.decode().splitlines() == [
        "lighton-ocr: --ocr-drafts needs a vLLM that `make deploy` or `--engine vllm` started: the "
        "embedded engine takes no drafts. Leave the option out."
    ]


@pytest.mark.parametrize("place", ["modal", "ray"])
def test_drafts_are_written_on_this_machine_alone(tmp_path: Path, place: str) -> None:
    done = run("batch", SCAN, "--out", tmp_path / "out", "--on", place, "--ocr-drafts")
    assert done.returncode == 2
    assert f"leave it out with --on {place}." in done.stderr.decode()


def test_a_reader_is_for_an_endpoint_that_takes_drafts(endpoint: Endpoint) -> None:
    with pytest.raises(UsageError, match="takes no drafts"):
        Reader(replace(endpoint, software="llama.cpp"), ocr_drafts=True)


async def test_tesseract_reads_neither_blank_pages_nor_those_with_text(
    scripted: ScriptedEndpoint, endpoint: Endpoint, stand_in: Path, letter: Path, tmp_path: Path
) -> None:
    write_script(stand_in, f"echo read >> {tmp_path}/calls; echo words")
    Image.new("L", (600, 800), 255).save(tmp_path / "blank.png")
    (result,) = await read(endpoint, tmp_path / "blank.png")
    assert (result.text, result.failed, scripted.bodies) == ("", False, [])
    await read(endpoint, letter)
    assert "Lindqvist" in draft_of(scripted.bodies[0])
    await read(endpoint, SCAN)
    assert draft_of(scripted.bodies[1]) == "words"
    assert lines_of(tmp_path / "calls") == ["read"]


@pytest.mark.parametrize("reads", ["echo half a page; exit 1", "kill -9 $$", "printf ' \\f'"])
async def test_a_page_that_tesseract_cannot_read_has_no_draft(
    scripted: ScriptedEndpoint, endpoint: Endpoint, stand_in: Path, reads: str
) -> None:
    write_script(stand_in, reads)
    (result,) = await read(endpoint, SCAN)
    assert result.text == "Hello from the page."
    assert "vllm_xargs" not in scripted.bodies[0]


async def test_a_page_has_no_draft_if_tesseract_has_vanished_or_takes_too_long(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await Tesseract("eng").try_to_read(b"", 60) == ""  # nothing of that name
    write_script(stand_in, "exec /bin/sleep 600")
    monkeypatch.setattr(ocr_drafts, "_SECONDS", 0.2)
    with open_document(load_source(str(SCAN))) as document:
        drafts = OcrDrafts(ThreadPreparer(), Tesseract.find("A test"))
        slow = await drafts.prepare(document, 0, PageOptions(Geometry(308, 28)))
    assert [image.ocr_draft for image in slow.pieces] == [""]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
async def test_tesseract_ends_when_its_page_is_abandoned(stand_in: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "begun")
    write_script(stand_in, f"echo $$ > {tmp_path}/begun; exec /bin/sleep 600")
    reading = asyncio.create_task(Tesseract.find("A test").try_to_read(b"", 600))
    process = int(await asyncio.to_thread((tmp_path / "begun").read_text))
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


async def test_as_many_pages_are_read_at_once_as_there_are_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running: list[bytes] = []
    most = 0

    async def count(self: Tesseract, image: bytes, seconds: float) -> str:
        nonlocal most
        running.append(image)
        most = max(most, len(running))
        for _ in range(10):
            await asyncio.sleep(0)
        running.remove(image)
        return "words"

    monkeypatch.setattr(Tesseract, "try_to_read", count)
    monkeypatch.setattr(ocr_drafts, "free_cores", lambda: 3)
    with open_document(Source("a.pdf", printed(lines=LICENSE_LINES * 9))) as document:
        drafts = OcrDrafts(ThreadPreparer(), Tesseract("eng"))
        page = await drafts.prepare(document, 0, PageOptions(Geometry(308, 28)))
    assert len(page.pieces) > 3
    assert most == 3


async def test_each_piece_of_a_tall_page_has_a_draft_of_its_own() -> None:
    with open_document(Source("strip.pdf", printed())) as document:
        drafts = OcrDrafts(ThreadPreparer(), Tesseract.find("A test"))
        page = await drafts.prepare(document, 0, PageOptions(Geometry(1540, 28)))
    first, *others = [image.ocr_draft for image in page.pieces]
    assert LICENSE_LINES[0] in first
    assert others
    assert all(other and LICENSE_LINES[0] not in other for other in others)


def test_sections_of_a_page_have_the_whole_pages_draft() -> None:
    page = replace(image_of(EXAMPLES / "paper.pdf"), ocr_draft="words")
    assert [part.ocr_draft for part in halves(page)] == ["words"] * 2


async def test_words_that_tesseract_sees_in_specks_are_not_missed(
    scripted: ScriptedEndpoint, endpoint: Endpoint, stand_in: Path, tmp_path: Path
) -> None:
    scripted.default = says("")
    write_script(stand_in, "echo ie.")
    speck = Image.new("L", (1008, 1288), 250)
    speck.paste(0, (500, 600, 520, 620))
    speck.save(tmp_path / "specks.png")
    (result,) = await read(endpoint, tmp_path / "specks.png")
    assert draft_of(scripted.bodies[0]) == "ie."
    assert (result.text, result.warnings, len(scripted.bodies)) == ("", (), 1)


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


def image_of(path: Path) -> EncodedPage:
    """The page of a document, as it is sent."""
    with open_document(load_source(str(path))) as document:
        (image,) = prepare(document, 0, PageOptions(Geometry(1540, 28))).pieces
    return image
