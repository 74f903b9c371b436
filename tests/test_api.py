import asyncio
import inspect
import io
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import lighton_ocr
from lighton_ocr.config import config_file, load_config
from lighton_ocr.errors import DocumentError, LightonOcrError, UsageError
from tests.support.box_answers import LAYOUT
from tests.support.scripted_endpoint import ScriptedEndpoint, interrupted, never_ends, says


def test_one_call_reads_a_document(scripted: ScriptedEndpoint, letter: Path) -> None:
    reading = lighton_ocr.read(letter, url=scripted.url)
    assert reading.markdown == "Hello from the page.\n"
    assert reading.model == "lightonai/LightOnOCR-1B-1025"
    assert reading.failed_pages == ()


def test_a_printed_result_is_one_line(scripted: ScriptedEndpoint, letter: Path) -> None:
    scripted.model, scripted.default = "3-1b", says(LAYOUT)
    result = lighton_ocr.read(letter, url=scripted.url, boxes=True)
    (page,) = result.pages
    assert page.figures
    assert repr(result) == (
        f"DocumentResult(source='{letter}', model='{result.model}', "
        f"endpoint='{result.endpoint}', page_count=1)"
    )
    assert repr(page).startswith("PageResult(page=1, finish='stop', doubt=None, prompt_tokens=")
    assert "Harbour" not in repr(page)
    assert max(map(len, map(repr, (page, page.own_text, *page.figures)))) < 300


def test_read_and_aread_take_the_same_arguments() -> None:
    read, aread = inspect.signature(lighton_ocr.read), inspect.signature(lighton_ocr.aread)
    assert read.parameters == aread.parameters


async def test_it_may_be_called_where_an_event_loop_runs(
    scripted: ScriptedEndpoint, letter: Path
) -> None:
    assert lighton_ocr.read(letter, url=scripted.url).pages[0].page == 1


@pytest.mark.parametrize(
    "given",
    [
        lambda path: path,
        str,
        Path.read_bytes,
        lambda path: bytearray(path.read_bytes()),
        lambda path: io.BytesIO(path.read_bytes()),
        lambda path: path.open("rb"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_document_is_a_path_bytes_or_a_file(
    scripted: ScriptedEndpoint, letter: Path, given: Callable[[Path], lighton_ocr.Input]
) -> None:
    result = lighton_ocr.read(given(letter), url=scripted.url)
    assert result.markdown == "Hello from the page.\n"
    assert result.html.startswith("<!doctype html>")
    assert '"text": "Hello from the page."' in result.json


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "F", "HSV"])
def test_a_document_is_an_image(scripted: ScriptedEndpoint, mode: str) -> None:
    with Image.effect_noise((300, 400), 80) as noise:
        image = noise.convert("RGB").convert(mode) if mode == "HSV" else noise.convert(mode)
    assert lighton_ocr.read(image, url=scripted.url).source == "image"


def test_pages_are_numbers_or_a_range(scripted: ScriptedEndpoint, tmp_path: Path) -> None:
    three = tmp_path / "three.tif"
    frames = [Image.effect_noise((300, 400), 80) for _ in range(3)]
    frames[0].save(three, save_all=True, append_images=frames[1:])
    for pages in ("1,-1", [1, 3], (1, -1), iter([1, 3])):
        result = lighton_ocr.read(three, pages=pages, url=scripted.url)
        assert [page.page for page in result.pages] == [1, 3]
        assert result.page_count == 3
    assert [page.page for page in lighton_ocr.read(three, pages=2, url=scripted.url).pages] == [2]
    for none, sentence in (([], "No page was chosen"), ([4], "no page 4"), ([0], "no page 0")):
        with pytest.raises(UsageError, match=sentence):
            lighton_ocr.read(three, pages=none, url=scripted.url)


@pytest.mark.parametrize(
    "given",
    [
        b"secret words " * 50,
        "secret words " * 500,
        io.BytesIO(b"secret words"),
        io.StringIO("secret words"),
        b"",
        ["secret words"],
        b"%PDF-1.4 secret words",
    ],
)
def test_errors_do_not_repeat_the_document(scripted: ScriptedEndpoint, given: object) -> None:
    with pytest.raises(LightonOcrError) as caught:
        lighton_ocr.read(given, url=scripted.url)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 400
    if not isinstance(given, str):
        assert "secret" not in str(caught.value)


async def test_aread_leaves_the_event_loop_free(scripted: ScriptedEndpoint, letter: Path) -> None:
    first, second = await asyncio.gather(
        lighton_ocr.aread(letter, url=scripted.url), lighton_ocr.aread(letter, url=scripted.url)
    )
    assert first.markdown == second.markdown == "Hello from the page.\n"
    with pytest.raises(DocumentError, match=r"no file missing\.pdf"):
        await lighton_ocr.aread("missing.pdf", url=scripted.url)


async def test_aread_ends_when_it_is_cancelled(scripted: ScriptedEndpoint, letter: Path) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def answer(body: dict[str, object]) -> object:
        loop.call_soon_threadsafe(asked.set)
        return never_ends()

    scripted.script.append(answer)  # type: ignore[arg-type]
    reading = asyncio.create_task(lighton_ocr.aread(letter, url=scripted.url))
    await asked.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


@pytest.mark.slow
def test_ctrl_c_ends_it(scripted: ScriptedEndpoint, letter: Path) -> None:
    """The page never ends: without a cancelled request, neither would the program."""
    program = f"import lighton_ocr; lighton_ocr.read({str(letter)!r}, url={scripted.url!r})"
    done = interrupted([sys.executable, "-c", program], scripted)
    assert b"KeyboardInterrupt" in done.stderr
    assert done.returncode == -signal.SIGINT


def test_the_config_file_counts_and_the_environment_counts_more(
    scripted: ScriptedEndpoint, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text(f'url = "{scripted.url}"\nmodel = "2-1b"\n')
    monkeypatch.setenv("LIGHTON_OCR_MODEL", "1b")
    assert lighton_ocr.read(letter).endpoint.startswith(scripted.url)


@pytest.mark.parametrize("data", [b"url = ", b'colour = "blue"\n', "url = 1".encode("utf-16")])
def test_a_wrong_config_file_is_said(data: bytes) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_bytes(data)
    with pytest.raises(UsageError, match=r"config\.toml"):
        load_config()
