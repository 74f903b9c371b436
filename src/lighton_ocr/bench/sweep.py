"""Run levels of load one after another."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from lighton_ocr.bench.level import Level, summarise
from lighton_ocr.bench.load import Load, sender
from lighton_ocr.bench.page_source import PageSource
from lighton_ocr.bench.server_metrics import MetricsWatch
from lighton_ocr.catalog import Gpu
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.client import PageClient


async def sweep(
    endpoint: Endpoint, page_source: PageSource, loads: Sequence[Load], gpu: Gpu | None = None
) -> AsyncIterator[Level]:
    """Yield the figures of each level, in the order of `loads`.

    A level's pages are encoded before its clock starts. A page that fails is counted and not
    retried.

    Raises:
        AccessDenied: the endpoint refuses the key.
        ModelMissing: the endpoint does not serve the model.
    """
    async with PageClient(endpoint) as client:
        send = sender(client, endpoint)
        for load in loads:
            pages = await asyncio.to_thread(page_source.take, load.pages)
            async with MetricsWatch(endpoint) as watch:
                window = await load.run(pages, send)
            yield summarise(load, window, watch.between(window.start, window.end), gpu)
