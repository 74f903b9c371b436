"""Pages of PDFs read through an endpoint and compared with the file's own text."""

import json
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.catalog import POCKET, find_model
from lighton_ocr.documents import Source, open_document
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import OwnTextMode
from lighton_ocr.reading.reader import Listener, Reader
from lighton_ocr.reading.results import PageResult
from tests.support.scripted_endpoint import ScriptedEndpoint, says
from tests.support.scripted_reading import embedded

MANUAL = Path(__file__).parents[2] / "benchmarks/quality/pdfs/manuals/elastix-doc-23.pdf"
PASSAGE = "It is also possible to compile elastix yourself, since the source code is"
pytestmark = pytest.mark.slow  # pages are rendered in processes of their own

LINES = (
    "Invoice 2026-0417 Northgate Paper Company Mr Sørensen",
    "Oak shelf, oiled 3 38.50 115.50",
    "Brass hinge 12 4.75 57.00",
    "Delivery to the harbour on Thursday morning",
    "Total 577.15",
)
PRINTED = "\n".join(LINES)
READ = PRINTED.replace("shelf", "shell").replace("577.15", "$77.15")


@pytest.fixture
def invoice() -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(400, 400))
    for number, line in enumerate(LINES):
        canvas.drawString(20, 300 - 20 * number, line)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


class Corrected(Listener):
    text = ""

    def on_corrected(self, page: int, text: str) -> None:
        self.text = text


async def read(
    endpoint: Endpoint,
    pdf: bytes,
    own_text: OwnTextMode | None = None,
    listener: Listener | None = None,
) -> PageResult:
    with open_document(Source("a.pdf", pdf)) as document:
        async with Reader(endpoint, own_text=own_text, listener=listener) as reader:
            (result,) = [found async for found in reader.read(document)]
    return result


def pocket(endpoint: Endpoint) -> Endpoint:
    return replace(embedded(endpoint), model=find_model(POCKET))


async def test_every_model_is_checked(
    scripted: ScriptedEndpoint, endpoint: Endpoint, invoice: bytes
) -> None:
    scripted.default = says(READ)
    result = await read(endpoint, invoice)
    assert result.text == READ
    assert result.own_text
    assert (result.own_text.trust, result.own_text.numbers_differ) == ("high", 1)
    assert result.warnings == (
        "Page 1: 1 number differs from the file's own text: $77.15 / 577.15.",
        "Page 1: 1 word differs from the file's own text: shell / shelf.",
    )


async def test_the_pocket_model_is_corrected_where_it_was_unsure(
    scripted: ScriptedEndpoint, endpoint: Endpoint, invoice: bytes
) -> None:
    scripted.default = says(READ, logprob=-0.05)
    result = await read(pocket(endpoint), invoice, listener=(listener := Corrected()))
    assert result.text == listener.text == PRINTED
    assert result.own_text
    assert [one.read for one in result.own_text.corrections] == ["shell", "$77.15"]
    assert result.warnings == (
        "Page 1: 1 number was corrected to the file's own text: $77.15 → 577.15.",
    )


async def test_the_pocket_model_is_believed_where_it_was_sure(
    scripted: ScriptedEndpoint, endpoint: Endpoint, invoice: bytes
) -> None:
    scripted.default = says(READ, logprob=-0.001)
    result = await read(pocket(endpoint), invoice)
    assert result.text == READ
    assert "$77.15 / 577.15" in result.warnings[0]


@pytest.mark.parametrize(
    ("own_text", "text"), [("correct", True), ("check", False), ("off", False)]
)
async def test_the_setting_decides(
    scripted: ScriptedEndpoint,
    endpoint: Endpoint,
    invoice: bytes,
    own_text: OwnTextMode,
    text: bool,
) -> None:
    scripted.default = says(READ, logprob=-0.05)
    result = await read(embedded(endpoint), invoice, own_text)
    assert result.text == (PRINTED if text else READ)
    assert (result.own_text is None) == (own_text == "off")


@pytest.mark.parametrize("own_text", [None, "check", "off"])
async def test_a_page_that_cannot_be_read_is_the_text_that_the_file_holds(
    scripted: ScriptedEndpoint, endpoint: Endpoint, own_text: OwnTextMode | None
) -> None:
    scripted.default = says("The registration of the image. " * 200)
    listener = Corrected()
    result = await read(pocket(endpoint), MANUAL.read_bytes(), own_text, listener)
    assert result.doubt == "loop"
    said = "Page 1: the model could not read it; this is the text that the file holds."
    if own_text is None:
        assert result.text == listener.text
        assert PASSAGE in result.text
        assert result.own_text
        assert result.own_text.used
        assert result.confidence is None  # the model's was of what it wrote
        assert "the model repeated itself" in result.warnings[0]
        assert result.warnings[1:] == (said,)
    else:
        assert PASSAGE not in result.text
        assert said not in result.warnings
        assert result.confidence is not None


async def test_a_page_that_the_model_was_sure_of_stays_though_it_lacks_words(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.default = says(PASSAGE)
    result = await read(pocket(endpoint), MANUAL.read_bytes())
    assert (result.text, result.doubt) == (PASSAGE, None)
    assert "are missing" in result.warnings[0]


async def test_a_page_that_is_equal_has_no_warnings(
    scripted: ScriptedEndpoint, endpoint: Endpoint, invoice: bytes
) -> None:
    scripted.default = says(PRINTED)
    result = await read(endpoint, invoice)
    assert result.own_text
    assert (result.own_text.words, result.own_text.differences) == (27, ())
    assert result.warnings == ()


def test_read_warns_and_lists_all_in_json(
    scripted: ScriptedEndpoint, invoice: bytes, tmp_path: Path
) -> None:
    scripted.default = says(READ)
    (tmp_path / "a.pdf").write_bytes(invoice)
    path = str(tmp_path / "a.pdf")
    command = [sys.executable, "-m", "lighton_ocr", "read", path, "--format", "json"]
    for option, differ in (("check", 2), ("off", None)):
        done = subprocess.run(
            [*command, "--url", scripted.url, "--own-text", option],
            capture_output=True,
            text=True,
            check=True,
        )
        (page,) = json.loads(done.stdout)["pages"]
        assert ("$77.15 / 577.15" in done.stderr) == (differ is not None)
        assert (page["own_text"] and page["own_text"]["differ"]) == differ
