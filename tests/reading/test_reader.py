"""Pages of a document: in order, bounded in flight, blank ones not sent."""

import asyncio
from io import BytesIO

from PIL import Image

from lighton_ocr.documents import Document, Source, open_document
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.reader import Listener, Reader
from lighton_ocr.reading.results import PageResult
from tests.support.scripted_endpoint import (
    ScriptedEndpoint,
    says,
    status,
)
from tests.support.scripted_reading import document, results


async def test_a_page_that_is_refused_does_not_take_the_others_with_it(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.script = [says("one"), status(400, "image too odd"), says("three")]
    found = await results(endpoint, pages=3, concurrency=1)
    assert [result.text for result in found] == ["one", "", "three"]
    assert [result.failed for result in found] == [False, True, False]
    assert "image too odd" in found[1].warnings[0]
    assert len(scripted.bodies) == 3


async def test_results_come_in_order_with_bounded_rendering(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    alive: set[int] = set()
    most = 0

    class Counting(Listener):
        def on_start(self, page: int) -> None:
            nonlocal most
            alive.add(page)
            most = max(most, len(alive))

        def on_page(self, document: Document, result: PageResult) -> None:
            alive.discard(result.page)

    found = await results(endpoint, pages=40, listener=Counting(), concurrency=4)
    assert [result.page for result in found] == list(range(1, 41))
    assert 1 < most <= 4


async def test_a_reader_that_is_left_early_cancels_what_is_in_flight(endpoint: Endpoint) -> None:
    with document(30) as opened:
        async with Reader(endpoint, concurrency=4) as reader:
            async for _ in reader.read(opened):
                break
        assert not [task for task in asyncio.all_tasks() if "_read_page" in repr(task)]


async def test_a_blank_page_stays_blank_and_costs_nothing(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    file = BytesIO()
    Image.new("L", (1008, 1288), 250).save(file, "JPEG")
    with open_document(Source("blank.jpg", file.getvalue())) as opened:
        async with Reader(endpoint) as reader:
            (result,) = [found async for found in reader.read(opened)]
    assert (result.text, result.finish, len(result.attempts)) == ("", "stop", 0)
    assert scripted.bodies == []
