"""The load that every configuration gets, and what is measured."""

import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from statistics import fmean
from typing import Any

import httpx2
from benchmarks.vllm_study.machine import MachineWatch
from benchmarks.vllm_study.record import Row

from lighton_ocr.bench import ClosedLoop, PageSource
from lighton_ocr.bench.level import summarise
from lighton_ocr.bench.load import Sample, Send, Window
from lighton_ocr.bench.server_metrics import ServerLoad
from lighton_ocr.catalog import Model
from lighton_ocr.documents import load_source, open_document
from lighton_ocr.documents.drafts import draft
from lighton_ocr.documents.pages import EncodedPage, Geometry
from lighton_ocr.endpoint import DRAFT_FIELD
from lighton_ocr.engines.vllm.server import VllmServer
from lighton_ocr.reading.client import image_part

A4 = Path(__file__).parents[2] / "examples" / "letter.pdf"
DRAFT = draft(Path(__file__).parents[2].joinpath("README.md").read_text("utf-8"))[:3000]


ServerWatch = Callable[[float, float], ServerLoad | None]


@dataclass(frozen=True)
class Work:
    """`in_flight` pages are read at a time, and `requests` are measured.

    As many as are in flight come before as warm-up, and `settling` more until the load is even.
    Answers have between `shortest` and `longest` tokens, uniformly distributed.
    """

    in_flight: int = 256
    settling: int = 256
    requests: int = 384
    shortest: int = 350
    longest: int = 600
    edge: int | None = None  # longest side of a page in pixels; the model's, if None

    def load(self, in_flight: int | None) -> ClosedLoop:
        """The load with this number of pages in flight, if not None."""
        return ClosedLoop(in_flight or self.in_flight, self.settling + self.requests)


def pages(model: Model, work: Work, count: int) -> list[EncodedPage]:
    """Make A4 pages that differ a little, so that caches do not help."""
    with open_document(load_source(str(A4))) as document:
        geometry = Geometry(work.edge or model.edge, model.grid)
        return PageSource.render([document], geometry, "png").take(count)


class Lengths:
    """Lengths of answers in tokens, the same for every configuration.

    The first answers are cut at random, as if the load had been on for long: if all started
    together at full length, encoding and decoding would come in waves.
    """

    def __init__(self, work: Work, in_flight: int) -> None:
        self._draw = random.Random(1)
        self._work, self._cut = work, in_flight

    def __next__(self) -> int:
        length = self._draw.randint(self._work.shortest, self._work.longest)
        if self._cut:
            self._cut -= 1
            return self._draw.randint(1, length)
        return length


async def measure(
    work: Work,
    load: ClosedLoop,
    encoded: list[EncodedPage],
    send: Send,
    server: ServerWatch | None = None,
) -> Row:
    """Measure pages per second, use of the machine, and faults over the window.

    If there are more pages than the load takes, it goes on with them after the window.
    """
    beyond = len(encoded) - load.pages
    with MachineWatch() as machine:
        window = await ClosedLoop(load.level, load.requests + beyond).run(encoded, send)
    settled = window.samples[work.settling - 1].end if work.settling else window.start
    samples = window.samples[work.settling : load.requests]
    window = Window(samples, settled, samples[-1].end)
    level = summarise(load, window, server(window.start, window.end) if server else None, None)
    return {
        "in_flight": load.level,
        "pages_per_s": round(level.pages_per_s, 2),
        # Little's law: lower than the line above if the window catches a burst of finished pages.
        "pages_per_s_by_latency": _by_latency(load.level, samples),
        "tokens_per_s": _rounded(level.tokens_per_s, 0),
        "seconds": round(level.seconds, 1),
        "failures": level.failures,
        "faults": level.faults,
        "latency": asdict(level.latency) if level.latency else None,
        "prompt_tokens": level.prompt_tokens,
        "output_tokens": _rounded(level.output_tokens, 1),
        "server": asdict(level.server) if level.server else None,
        **machine.between(window.start, window.end),
    }


def _by_latency(in_flight: int, samples: Sequence[Sample]) -> float:
    return round(in_flight / fmean(sample.end - sample.due for sample in samples), 2)


async def alone(encoded: list[EncodedPage], send: Send) -> Row:
    """Read pages one after another: seconds per page, and tokens per second with prefill."""
    began = time.perf_counter()
    samples = [await send(page, 0.0) for page in encoded]
    seconds = time.perf_counter() - began
    return {
        "pages": len(samples),
        "seconds_a_page": round(seconds / len(samples), 3),
        "tokens_per_s": round(sum(sample.completion_tokens for sample in samples) / seconds),
    }


def http_sender(
    http: httpx2.AsyncClient,
    servers: list[tuple[VllmServer, str]],
    model: str,
    lengths: Lengths,
    sampling: Mapping[str, float],
) -> Send:
    """Return a function that sends a page as a chat completion, to each server in turn.

    Answers of a set length take fields that only the server's own key opens.
    """
    in_turn = cycle(servers)

    async def send(page: EncodedPage, due: float) -> Sample:
        tokens = next(lengths)
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": "user", "content": [image_part(page)]}],
            "ignore_eos": True,
            "min_tokens": tokens,
            "max_tokens": tokens,
            "vllm_xargs": {DRAFT_FIELD: DRAFT},
            **sampling,
        }
        server, url = next(in_turn)
        answer = await http.post(f"{url}/chat/completions", json=body, headers=server.key_headers)
        end = time.perf_counter()
        if answer.is_error:
            return Sample(due, None, end, fault=answer.text[:200])
        usage = answer.json()["usage"]
        return Sample(due, end, end, usage["prompt_tokens"], usage["completion_tokens"])

    return send


def after(send: Send, count: int, action: Callable[[], Awaitable[None]]) -> Send:
    """Return a function that also runs `action`, once, after that many answers."""
    answers = 0

    async def counted(page: EncodedPage, due: float) -> Sample:
        nonlocal answers
        sample = await send(page, due)
        answers += 1
        if answers == count:
            await action()
        return sample

    return counted


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits or None)
