"""Run levels of load one after the other."""

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
    endpoint: Endpoint, supply: PageSource, loads: Sequence[Load], gpu: Gpu | None = None
) -> AsyncIterator[Level]:
    """Yield what each level gave, in the order of `loads`.

    A level's pages are encoded before its clock starts. A page that fails is counted, not sent
    again.

    Raises:
        AccessDenied, ModelMissing: every page would fail.
    """
    async with PageClient(endpoint) as client:
        send = sender(client, endpoint)
        for load in loads:
            pages = await asyncio.to_thread(supply.take, load.pages)
            async with MetricsWatch(endpoint) as watch:
                window = await load.run(pages, send)
            yield summarise(load, window, watch.between(window.start, window.end), gpu)
