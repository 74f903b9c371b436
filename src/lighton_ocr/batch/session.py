"""One call of `lighton-ocr batch`: lock, journal, endpoint, then the run."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from lighton_ocr.api import open_endpoint
from lighton_ocr.batch.figures import Figures
from lighton_ocr.batch.inputs import find_inputs
from lighton_ocr.batch.journal import Journal
from lighton_ocr.batch.opening import Plan
from lighton_ocr.batch.outputs import lock, open_output, state_folder
from lighton_ocr.batch.rendering import Renderers
from lighton_ocr.batch.run import Batch, BatchListener
from lighton_ocr.batch.scribe import Scribe
from lighton_ocr.batch.shard import ShardReader
from lighton_ocr.endpoint import Endpoint, Engine
from lighton_ocr.engines.embedded import free_cores
from lighton_ocr.formats import find_format
from lighton_ocr.pages import Encoding


@dataclass(frozen=True)
class Job:
    """A plan, where its results go and who reads; `out` is a folder or a bucket's address."""

    plan: Plan
    out: str
    url: str | None = None
    model: str | None = None
    engine: Engine | None = None
    encoding: Encoding = "png"


def run_batch(
    job: Job,
    figures: Figures,
    listener: BatchListener,
    on_notice: Callable[[str], None] = lambda _: None,
) -> None:
    """Read all that is not read yet; `figures` may be looked at from another thread meanwhile.

    Raises:
        UsageError: an unknown format, an input that is not there, or another batch is at it.
        OutputError, EndpointError, TooManyFailures: see `Batch.run`.
        KeyboardInterrupt: Ctrl-C; what was read until then is kept.
    """
    for format in job.plan.formats:
        find_format(format)
    output, state = open_output(job.out), state_folder(job.out)
    next(find_inputs(job.plan.inputs, output.folder), None)  # a mistake is no reason for an engine
    with (
        lock(state, job.out),
        closing(Journal.open(state)) as journal,
        open_endpoint(job.url, job.model, engine=job.engine, on_notice=on_notice) as endpoint,
    ):

        async def run() -> None:
            scribe = Scribe(journal)
            renderers = Renderers(_renderer_count(endpoint))
            runner = ShardReader(endpoint, encoding=job.encoding, renderers=renderers)
            batch = Batch(
                job.plan,
                output,
                scribe,
                state,
                figures=figures,
                listener=listener,
                renderers=renderers,
                runner=runner,
            )
            try:
                await batch.run()
            finally:
                await scribe.close()

        asyncio.run(run())


def _renderer_count(endpoint: Endpoint) -> int:
    # The embedded engine wants the processor for itself, and takes seconds for a page.
    return 1 if endpoint.embedded else free_cores()
