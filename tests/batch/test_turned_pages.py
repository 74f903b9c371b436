"""Pages that do not stand upright, as a batch reads them."""

import base64
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.run import BatchListener
from lighton_ocr.batch.session import BatchJob, run_batch
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.documents import load_source, open_document
from lighton_ocr.documents.direction import turn_image
from lighton_ocr.documents.pages import Geometry
from tests.support.corpus import manifest, results
from tests.support.scripted_endpoint import ScriptedEndpoint, says

pytestmark = pytest.mark.slow  # renderers are processes

TURNED = "Page 1: it lay on its side and was turned by 270 degrees clockwise."
TEXT = "Nothing in the attic had been moved since the summer of 1901."


def batch(source: Path, endpoint: ScriptedEndpoint, out: Path) -> dict[str, str]:
    """Read a document in a batch, and return its results."""
    job = BatchJob(BatchPlan((str(source),)), str(out), endpoint.url)
    run_batch(job, BatchStats(), BatchListener())
    assert manifest(out)[str(source)]["warnings"] == [TURNED]
    return results(out)


def sizes(endpoint: ScriptedEndpoint) -> list[tuple[int, int]]:
    """The sizes of the images that were sent."""
    urls = (body["messages"][0]["content"][0]["image_url"]["url"] for body in endpoint.bodies)
    files = (BytesIO(base64.b64decode(url.partition(",")[2])) for url in urls)
    return [Image.open(file).size for file in files]


def test_a_scan_on_its_side_is_read_again(
    endpoint: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    with open_document(load_source(letter)) as document:
        image = document.render(0, Geometry(1540, 28)).image
    turn_image(image, 90).save(tmp_path / "scan.png")
    endpoint.script = [says("![image](image_1.png)"), says(TEXT)]
    read = batch(tmp_path / "scan.png", endpoint, tmp_path / "out")
    assert read == {"scan.md": f"<!-- {TURNED} -->\n\n{TEXT}\n"}
    first, second = sizes(endpoint)
    assert first == second[::-1]


def test_a_page_whose_text_runs_upwards_is_turned_before_it_is_read(
    endpoint: ScriptedEndpoint, tmp_path: Path
) -> None:
    canvas = Canvas(str(tmp_path / "aside.pdf"), pagesize=(300, 400))
    canvas.rotate(-90)
    for line in range(9):
        canvas.drawString(-390, 40 + 20 * line, TEXT)
    canvas.save()
    endpoint.script = [says("\n".join([TEXT] * 9))]
    read = batch(tmp_path / "aside.pdf", endpoint, tmp_path / "out")
    assert read["aside.md"].count(TEXT) == 9
    ((width, height),) = sizes(endpoint)
    assert width > height
