import asyncio
import time
from itertools import pairwise

import pytest

from lighton_ocr.bench.load import ClosedLoop, OpenLoop, Sample, sender
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.engines.remote import connect
from lighton_ocr.errors import AccessDenied
from lighton_ocr.reading.client import PageClient
from tests.support.scripted_endpoint import ScriptedEndpoint, says, status


def pages(count: int) -> list[EncodedPage]:
    return [EncodedPage(index, b"", "image/png", (28, 28)) for index in range(count)]


async def answer_at_once(_: EncodedPage, due: float) -> Sample:
    await asyncio.sleep(0)
    return Sample(due, due, time.perf_counter())


@pytest.mark.parametrize("level", [1, 3, 8])
async def test_a_closed_loop_keeps_its_level_and_does_not_measure_the_warm_up(level: int) -> None:
    in_flight: set[int] = set()
    seen: list[int] = []

    async def send(page: EncodedPage, due: float) -> Sample:
        in_flight.add(page.index)
        await asyncio.sleep(0)
        seen.append(len(in_flight))
        in_flight.discard(page.index)
        return Sample(due, due, time.perf_counter(), completion_tokens=page.index)

    load = ClosedLoop(level, requests=20)
    window = await load.run(pages(load.pages), send)
    assert max(seen) == level
    assert len(window.samples) == 20
    assert min(sample.completion_tokens for sample in window.samples) >= level
    assert all(window.start <= sample.end <= window.end for sample in window.samples)


async def test_requests_in_flight_at_the_end_are_cancelled() -> None:
    cancelled: list[int] = []

    async def send(page: EncodedPage, due: float) -> Sample:
        if page.index == 0:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(page.index)
                raise
        return await answer_at_once(page, due)

    load = ClosedLoop(2, requests=5)
    await load.run(pages(load.pages), send)
    assert cancelled == [0]


async def test_arrivals_are_random_and_repeatable_with_a_seed() -> None:
    async def gaps(seed: int) -> list[float]:
        load = OpenLoop(2000.0, requests=60, seed=seed)
        window = await load.run(pages(load.pages), answer_at_once)
        assert len(window.samples) == 60
        return [after.due - before.due for before, after in pairwise(window.samples)]

    once, again, other = await gaps(1), await gaps(1), await gaps(2)
    assert once == pytest.approx(again, abs=1e-6)
    assert once != pytest.approx(other, abs=1e-6)
    assert max(once) > 3 * min(once)
    assert sum(once) / len(once) == pytest.approx(1 / 2000, rel=0.5)


async def test_latency_counts_from_when_a_page_was_due() -> None:
    one_at_a_time = asyncio.Lock()

    async def slow(page: EncodedPage, due: float) -> Sample:
        async with one_at_a_time:
            return await answer_at_once(page, due)

    load = OpenLoop(1e6, requests=200, seed=0)
    window = await load.run(pages(load.pages), slow)
    assert window.samples[-1].end - window.samples[-1].due > 0
    assert window.start == window.samples[0].due


async def test_a_sample_has_times_and_the_servers_token_counts(scripted: ScriptedEndpoint) -> None:
    scripted.script = [says("one two three"), status(500, "no memory"), status(400, "too odd")]
    endpoint = connect(scripted.url)
    async with PageClient(endpoint) as client:
        send = sender(client, endpoint)
        good, failed, refused = [
            await send(EncodedPage(0, b"x", "image/png", (28, 28)), time.perf_counter())
            for _ in range(3)
        ]
    assert good.fault is None
    assert (good.prompt_tokens, good.completion_tokens) == (2145, 3)
    assert good.first is not None
    assert good.due < good.first <= good.end
    assert "500: no memory" in str(failed.fault)
    assert "too odd" in str(refused.fault)
    assert len(scripted.bodies) == 3  # no page is retried


@pytest.mark.parametrize("load", [ClosedLoop(2, 4), OpenLoop(1000.0, 4, 0)], ids=["closed", "open"])
async def test_a_refused_key_ends_the_run(
    scripted: ScriptedEndpoint, load: ClosedLoop | OpenLoop
) -> None:
    endpoint = connect(scripted.url)
    scripted.key = "right"
    async with PageClient(endpoint) as client:
        with pytest.raises(AccessDenied):
            await load.run(pages(load.pages), sender(client, endpoint))
