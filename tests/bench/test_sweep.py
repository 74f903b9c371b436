import time
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.bench import ClosedLoop, PageSource, sweep
from lighton_ocr.bench.server_metrics import MetricsWatch
from lighton_ocr.documents import Source, open_document
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.endpoint import Endpoint


def strips() -> Source:
    """Two pages so narrow that the embedded engine reads them quickly."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(72, 700))
    for number in range(2):
        canvas.drawString(5, 350, f"word {number}")
        canvas.showPage()
    canvas.save()
    return Source("strips.pdf", file.getvalue())


async def test_the_embedded_engine_is_measured_at_each_level(pocket: Endpoint) -> None:
    with open_document(strips()) as document:
        page_source = PageSource.render([document], Geometry.of(pocket), "png")
    levels = [
        level async for level in sweep(pocket, page_source, [ClosedLoop(1, 2), ClosedLoop(2, 2)])
    ]
    assert [level.load for level in levels] == [1, 2]
    for level in levels:
        assert (level.pages, level.failures, level.faults) == (2, 0, ())
        assert level.output_tokens
        assert level.prompt_tokens == 246  # 46 x 5 cells, and the chat template
        assert level.latency is not None
        assert level.first_token is not None
        # A page without text has no first token, so the medians are not of the same pages.
        assert 0 < level.first_token.p50 <= level.latency.p99


async def test_the_embedded_engine_has_metrics(pocket: Endpoint) -> None:
    start = time.perf_counter()
    async with MetricsWatch(pocket) as watch:
        assert await watch.read()
    load = watch.between(start, time.perf_counter())
    assert load is not None
    assert load.running is not None
