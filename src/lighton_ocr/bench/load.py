"""Load on a server: a number of requests in flight (closed loop), or of arrivals (open loop)."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import AccessDenied, EndpointError, ModelMissing
from lighton_ocr.reading.attempts import AttemptSettings
from lighton_ocr.reading.client import PageClient, PageRequest


@dataclass(frozen=True)
class Sample:
    """One request. Times are seconds of one clock; `first` is None if no text came.

    `due` is when the request should have been sent: in an open loop, time in our own queue counts
    as latency of the server. `fault` says why there is no answer.
    """

    due: float
    first: float | None
    end: float
    prompt_tokens: int = 0
    completion_tokens: int = 0
    fault: str | None = None


@dataclass(frozen=True)
class Window:
    """The measured part of a run: the samples that ended in it, and its start and end."""

    samples: tuple[Sample, ...]
    start: float
    end: float


Send = Callable[[EncodedPage, float], Awaitable[Sample]]


@dataclass(frozen=True)
class ClosedLoop:
    """`level` requests are always in flight; a new one starts when one ends."""

    level: int
    requests: int

    @property
    def pages(self) -> int:
        """How many pages it takes: for warm-up, measured, and in flight at the end."""
        return self.level + self.requests + self.level

    async def run(self, pages: Sequence[EncodedPage], send: Send) -> Window:
        """Send `pages`; the first `level` answers are warm-up and are not measured.

        Requests in flight at the end are cancelled, so the load is even over the whole window, with
        neither a slow start nor a tail.
        """
        queue = iter(pages)
        done: list[Sample] = []

        async def work() -> None:
            while len(done) < self.level + self.requests:
                done.append(await send(next(queue), time.perf_counter()))

        workers = [asyncio.create_task(work()) for _ in range(self.level)]
        await _first_of(workers)
        warm, measured = done[self.level - 1], done[self.level : self.level + self.requests]
        return Window(tuple(measured), warm.end, measured[-1].end)


@dataclass(frozen=True)
class OpenLoop:
    """Pages arrive at random times (Poisson), `level` per second on average, whatever happens."""

    level: float
    requests: int
    seed: int

    @property
    def warm_up(self) -> int:
        """Number of arrivals that are not measured: the first tenth."""
        return max(1, self.requests // 10)

    @property
    def pages(self) -> int:
        """How many pages it takes."""
        return self.warm_up + self.requests

    async def run(self, pages: Sequence[EncodedPage], send: Send) -> Window:
        """Send each page when it is due, and wait for all; the window ends with the last answer."""
        source = random.Random(self.seed)  # noqa: S311 - not for secrets
        due = time.perf_counter()
        arrivals: list[asyncio.Task[Sample]] = []
        for page in pages:
            due += source.expovariate(self.level)
            arrivals.append(asyncio.create_task(_at(due, page, send)))
        try:
            samples = (await asyncio.gather(*arrivals))[self.warm_up :]
        finally:
            await _cancel(arrivals)
        return Window(tuple(samples), samples[0].due, max(sample.end for sample in samples))


Load = ClosedLoop | OpenLoop


def sender(client: PageClient, endpoint: Endpoint) -> Send:
    """Return a function that sends one page and times its answer.

    A page that fails is a sample with a fault. AccessDenied and ModelMissing end the run, because
    every page would fail in the same way.
    """
    sampling = endpoint.model.sampling

    async def send(page: EncodedPage, due: float) -> Sample:
        first: list[float] = []

        def on_text(_: str) -> bool:
            if not first:
                first.append(time.perf_counter())
            return False

        request = PageRequest(
            page, AttemptSettings(sampling.temperature, sampling.top_p, sampling.max_tokens)
        )
        try:
            answer = await client.send(request, on_text)
        except (AccessDenied, ModelMissing):
            raise
        except EndpointError as error:
            return Sample(due, None, time.perf_counter(), fault=str(error))
        end = time.perf_counter()
        return Sample(
            due, first[0] if first else None, end, answer.prompt_tokens, answer.completion_tokens
        )

    return send


async def _at(due: float, page: EncodedPage, send: Send) -> Sample:
    await asyncio.sleep(max(0.0, due - time.perf_counter()))
    return await send(page, due)


async def _first_of(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait for the first to end, cancel the others, and raise what it raised."""
    try:
        finished, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _cancel(tasks)
    for task in finished:
        task.result()


async def _cancel(tasks: Sequence[asyncio.Task[object]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
