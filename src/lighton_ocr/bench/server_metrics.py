"""A server's own metrics, read from /metrics while it is under load."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from statistics import fmean
from typing import Self

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from lighton_ocr.endpoint import Endpoint

_EVERY_S = 0.5
_TIMEOUT_S = 10.0
# The names in vLLM and in llama.cpp of the same three metrics.
_RUNNING = ("vllm:num_requests_running", "llamacpp:requests_processing")
_WAITING = ("vllm:num_requests_waiting", "llamacpp:requests_deferred")
_KV_USAGE = ("vllm:kv_cache_usage_perc", "llamacpp:kv_cache_usage_ratio")
_DRAFTS = ("vllm:spec_decode_num_drafts_total",)  # steps of a page that had draft tokens
_ACCEPTED = ("vllm:spec_decode_num_accepted_tokens_total",)


@dataclass(frozen=True)
class Gauges:
    """One reading: requests running and waiting, and the KV cache in use from 0 to 1.

    Since the server's start, `draft_steps` counts steps of a page that had draft tokens, and
    `accepted_tokens` the draft tokens that the model accepted.
    """

    at: float
    running: float | None
    waiting: float | None
    kv_usage: float | None
    draft_steps: float = 0.0
    accepted_tokens: float = 0.0


@dataclass(frozen=True)
class ServerLoad:
    """Means over a window; None where the server reports nothing.

    `tokens_per_step` is how many tokens of a page a step with draft tokens wrote.
    """

    running: float | None
    waiting: float | None
    kv_usage: float | None
    tokens_per_step: float | None = None


class MetricsWatch:
    """Reads /metrics twice per second inside `async with`; without it there are no readings."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._url = endpoint.root_url + "/metrics"
        self._http = httpx2.AsyncClient(
            headers=endpoint.headers,
            timeout=_TIMEOUT_S,
            follow_redirects=True,
            trust_env=endpoint.uses_proxy,
        )
        self._readings: list[Gauges] = []

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._http.aclose()

    def between(self, start: float, end: float) -> ServerLoad | None:
        """Return the means of the readings in that time; None if there are none."""
        found = [reading for reading in self._readings if start <= reading.at <= end]
        if not found:
            return None
        steps = found[-1].draft_steps - found[0].draft_steps
        accepted = found[-1].accepted_tokens - found[0].accepted_tokens
        return ServerLoad(
            _mean(reading.running for reading in found),
            _mean(reading.waiting for reading in found),
            _mean(reading.kv_usage for reading in found),
            1 + accepted / steps if steps > 0 else None,
        )

    async def read(self) -> bool:
        """Read the metrics once, if possible; return False if this server has none."""
        at = time.perf_counter()
        try:
            answer = await self._http.get(self._url)
            if answer.is_success:
                self._readings.append(parse(answer.text, at))
        except httpx2.HTTPError:
            return True  # under load, one reading may fail
        except ValueError:
            return False
        return answer.status_code != HTTPStatus.NOT_FOUND

    async def _watch(self) -> None:
        while await self.read():  # noqa: ASYNC110 - a server does not tell us when it changes
            await asyncio.sleep(_EVERY_S)


def parse(text: str, at: float) -> Gauges:
    """Parse Prometheus text; the engines of one server are added up.

    Raises:
        ValueError: it is not such text.
    """
    values: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            values.setdefault(sample.name, []).append(sample.value)
    running, waiting = (_first(values, names) for names in (_RUNNING, _WAITING))
    usage = _first(values, _KV_USAGE)
    return Gauges(
        at,
        sum(running) if running else None,
        sum(waiting) if waiting else None,
        fmean(usage) if usage else None,
        sum(_first(values, _DRAFTS)),
        sum(_first(values, _ACCEPTED)),
    )


def _first(values: dict[str, list[float]], names: tuple[str, ...]) -> list[float]:
    return next((values[name] for name in names if name in values), [])


def _mean(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
