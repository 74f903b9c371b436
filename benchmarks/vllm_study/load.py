"""The load that every configuration gets, and what is measured under it."""

import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2
from benchmarks.vllm_study.machine import MachineWatch
from benchmarks.vllm_study.record import Row

from lighton_ocr.bench import Closed, PageSource
from lighton_ocr.bench.level import summarise
from lighton_ocr.bench.load import Sample, Send, Window
from lighton_ocr.bench.server_metrics import ServerLoad
from lighton_ocr.catalog import Model
from lighton_ocr.documents import load_source, open_document
from lighton_ocr.documents.drafts import draft
from lighton_ocr.documents.pages import EncodedPage, Geometry
from lighton_ocr.endpoint import DRAFT_FIELD
from lighton_ocr.reading.client import image_part

A4 = Path(__file__).parents[2] / "examples" / "letter.pdf"
DRAFT = draft(Path(__file__).parents[2].joinpath("README.md").read_text("utf-8"))[:3000]


ServerWatch = Callable[[float, float], ServerLoad | None]


@dataclass(frozen=True)
class Work:
    """`in_flight` pages are read at a time; `requests` are measured.

    Before, as many warm up as are in flight, and `settling` more pass until the load is even. An
    answer has between `shortest` and `longest` tokens, drawn evenly.
    """

    in_flight: int = 256
    settling: int = 256
    requests: int = 384
    shortest: int = 350
    longest: int = 600
    edge: int | None = None  # longest side of a page in pixels; the model's, if None

    def load(self, in_flight: int | None) -> Closed:
        """The same with another number of pages in flight."""
        return Closed(in_flight or self.in_flight, self.settling + self.requests)


def pages(model: Model, work: Work, count: int) -> list[EncodedPage]:
    """A4 pages, each a little different, so that no cache helps."""
    with open_document(load_source(str(A4))) as document:
        geometry = Geometry(work.edge or model.edge, model.grid)
        return PageSource.render([document], geometry, "png").take(count)


class Lengths:
    """Tokens of one answer after another, the same ones for every configuration.

    The first answers are cut at random, as if the load had been on for long: with all starting
    together at full length, encoding and decoding would come in waves.
    """

    def __init__(self, work: Work, in_flight: int) -> None:
        self._draw = random.Random(1)  # noqa: S311 - not for secrets
        self._work, self._cut = work, in_flight

    def __next__(self) -> int:
        length = self._draw.randint(self._work.shortest, self._work.longest)
        if self._cut:
            self._cut -= 1
            return self._draw.randint(1, length)
        return length


async def measure(
    work: Work,
    load: Closed,
    encoded: list[EncodedPage],
    send: Send,
    server: ServerWatch | None = None,
) -> Row:
    """Pages a second over the window, what the machine did in it, and what went wrong.

    With more pages than the load needs, it stays on for as many beyond the window.
    """
    beyond = len(encoded) - load.pages
    with MachineWatch() as machine:
        window = await Closed(load.level, load.requests + beyond).run(encoded, send)
    settled = window.samples[work.settling - 1].end if work.settling else window.start
    samples = window.samples[work.settling : load.requests]
    window = Window(samples, settled, samples[-1].end)
    level = summarise(load, window, server(window.start, window.end) if server else None, None)
    return {
        "in_flight": load.level,
        "pages_per_s": round(level.pages_per_s, 2),
        "tokens_per_s": round(level.tokens_per_s),
        "seconds": round(level.seconds, 1),
        "failures": level.failures,
        "faults": level.faults,
        "latency": asdict(level.latency) if level.latency else None,
        "prompt_tokens": level.prompt_tokens,
        "output_tokens": round(level.output_tokens, 1),
        "server": asdict(level.server) if level.server else None,
        **machine.between(window.start, window.end),
    }


async def alone(encoded: list[EncodedPage], send: Send) -> Row:
    """Pages read one after another: seconds a page, and its tokens a second from the asking on."""
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
    urls: list[str],
    model: str,
    lengths: Lengths,
    sampling: Mapping[str, float],
) -> Send:
    """Chat completions, to each server in turn."""
    servers = cycle(urls)

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
        answer = await http.post(f"{next(servers)}/chat/completions", json=body)
        end = time.perf_counter()
        if answer.is_error:
            return Sample(due, None, end, fault=answer.text[:200])
        usage = answer.json()["usage"]
        return Sample(due, end, end, usage["prompt_tokens"], usage["completion_tokens"])

    return send


def after(send: Send, count: int, action: Callable[[], Awaitable[None]]) -> Send:
    """The same, with `action` once that many answers have come."""
    answers = 0

    async def counted(page: EncodedPage, due: float) -> Sample:
        nonlocal answers
        sample = await send(page, due)
        answers += 1
        if answers == count:
            await action()
        return sample

    return counted
