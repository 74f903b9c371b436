"""Adaptive concurrency against simulated servers, in virtual time."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from lighton_ocr.batch.concurrency import AdaptiveConcurrency
from lighton_ocr.catalog import find_model
from lighton_ocr.endpoint import Endpoint, Software
from lighton_ocr.errors import EndpointBusy, EndpointGone
from lighton_ocr.reading.stream import Answer
from tests.support.virtual_time import run


@dataclass
class Server:
    """Writes `rate` tokens a second for each of up to `slots` pages; refuses more than `bound`."""

    slots: int
    bound: int | None = None
    rate: float = 100.0
    down_until: float = -1.0
    in_flight: int = 0
    most: int = 0
    refused: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(0))

    async def ask(self) -> Answer:
        now = asyncio.get_running_loop().time()
        if now < self.down_until or (self.bound and self.in_flight >= self.bound):
            self.refused += 1
            await asyncio.sleep(0.01)
            raise EndpointBusy("answers 429")
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        tokens = self.dice.randint(300, 1500)
        await asyncio.sleep(tokens / self.rate * max(1.0, self.in_flight / self.slots))
        self.in_flight -= 1
        return Answer("", "stop", 2000, tokens)


async def read(limiter: AdaptiveConcurrency, server: Server, pages: int) -> float:
    """Read pages as fast as the limiter allows, and return the seconds that takes."""
    start = asyncio.get_running_loop().time()

    async def page() -> None:
        while True:
            try:
                await limiter.send(server.ask)
            except EndpointBusy:
                await asyncio.sleep(1)
            else:
                return

    async with asyncio.TaskGroup() as group:
        for _ in range(pages):
            group.create_task(page())
    return asyncio.get_running_loop().time() - start


@pytest.mark.parametrize("slots", [4, 16, 60, 256])
def test_it_finds_the_capacity_of_a_server(slots: int) -> None:
    limiter = AdaptiveConcurrency(16)
    server = Server(slots)
    run(read(limiter, server, 40 * slots + 1000))
    assert slots / 2 <= limiter.limit <= max(32, 3 * slots)


def test_the_limit_of_a_server_with_one_slot_stays_at_about_one() -> None:
    limiter = AdaptiveConcurrency(1)
    run(read(limiter, Server(1), 300))
    assert limiter.limit <= 2


def test_a_server_that_refuses_gets_fewer_requests() -> None:
    limiter = AdaptiveConcurrency(16)
    server = Server(slots=24, bound=24)
    run(read(limiter, server, 3000))
    assert server.most == 24
    assert server.refused < 300  # of 3,000 requests
    assert 6 <= limiter.limit <= 48


def test_the_limit_is_never_exceeded() -> None:
    limiter = AdaptiveConcurrency(5, max_in_flight=5)
    server = Server(slots=1000)
    run(read(limiter, server, 200))
    assert server.most == 5


def test_an_outage_costs_few_requests_and_no_page() -> None:
    limiter = AdaptiveConcurrency(64)
    server = Server(slots=64, down_until=300.0)
    seconds = run(read(limiter, server, 1000))
    assert server.refused < 250
    assert 300 < seconds < 800


def test_an_endpoint_that_never_comes_back_ends_the_run() -> None:
    limiter = AdaptiveConcurrency(8, outage_seconds=600)
    with pytest.raises(ExceptionGroup) as errors:
        run(read(limiter, Server(slots=8, down_until=1e9), 20))
    gone = errors.value.subgroup(EndpointGone)
    assert gone is not None
    assert "run the same command again" in str(gone.exceptions[0])


@pytest.mark.parametrize(
    ("software", "managed", "longest"),
    [("llama.cpp", True, 60), ("vllm", True, 60), ("vllm", False, 700)],
)
def test_an_engine_that_we_started_may_refuse_for_seconds_only(
    software: Software, managed: bool, longest: float
) -> None:
    async def outlast() -> float:
        limiter = AdaptiveConcurrency.of(
            Endpoint(
                "http://x/v1", find_model("1b"), "x", slots=8, software=software, managed=managed
            )
        )
        with pytest.raises(ExceptionGroup) as errors:
            await read(limiter, Server(slots=8, down_until=1e9), 20)
        assert errors.value.subgroup(EndpointGone) is not None
        return asyncio.get_running_loop().time()

    assert longest / 3 <= run(outlast()) <= longest


def test_an_engine_of_ours_may_be_slow() -> None:
    limiter = AdaptiveConcurrency.of(
        Endpoint("http://x/v1", find_model("1b"), "x", slots=8, software="vllm", managed=True)
    )
    server = Server(slots=8, rate=2.0, down_until=5.0)  # a page takes minutes
    run(read(limiter, server, 100))
    assert server.refused


def test_retry_after_pauses_all_requests() -> None:
    sent: list[float] = []

    async def ask() -> Answer:
        sent.append(asyncio.get_running_loop().time())
        if len(sent) == 1:
            raise EndpointBusy("answers 429", 30.0)
        return Answer("", "stop", 0, 1)

    async def main() -> None:
        limiter = AdaptiveConcurrency(4)
        with pytest.raises(EndpointBusy):
            await limiter.send(ask)
        await asyncio.gather(*(limiter.send(ask) for _ in range(3)))

    run(main())
    assert sent == [0.0, 30.0, 30.0, 30.0]


def test_a_page_that_is_cancelled_while_it_waits_gives_up_its_turn() -> None:
    async def main() -> None:
        limiter = AdaptiveConcurrency(1, max_in_flight=1)
        server = Server(1)
        tasks = [asyncio.create_task(limiter.send(server.ask)) for _ in range(4)]
        await asyncio.sleep(0)
        for task in tasks[1:3]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert tasks[3].result().finish == "stop"

    run(main())
