"""One call of `lighton-ocr batch`: lock, journal, runner, then the run."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lighton_ocr._text import pluralize
from lighton_ocr.api import open_endpoint
from lighton_ocr.batch.inputs import find_inputs
from lighton_ocr.batch.journal import Journal
from lighton_ocr.batch.journal_writer import JournalWriter
from lighton_ocr.batch.on_modal import ModalPool
from lighton_ocr.batch.on_ray import RayPool
from lighton_ocr.batch.outputs import lock, open_output, state_folder
from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.run import Batch, BatchListener
from lighton_ocr.batch.runner import EndpointRunner, Runner
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.batch.worker_pool import PoolRunner
from lighton_ocr.catalog import DEFAULT_MODEL, POCKET, find_model
from lighton_ocr.config import load_config
from lighton_ocr.documents.pages import Encoding
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.endpoint import Engine
from lighton_ocr.engines.llama_cpp.engine import free_cores
from lighton_ocr.errors import UsageError
from lighton_ocr.formats import find_format

Place = Literal["here", "modal", "ray"]


@dataclass(frozen=True)
class BatchJob:
    """A plan, where its results go and who reads; `out` is a folder or a bucket's address.

    `on` is where the engines are; `url` chooses one for "here", `engine` for "here" and "ray".
    """

    plan: BatchPlan
    out: str
    url: str | None = None
    model: str | None = None
    engine: Engine | None = None
    on: Place = "here"
    encoding: Encoding = "png"


def run_batch(
    job: BatchJob,
    figures: BatchStats,
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
        _open_runner(job, state, figures, on_notice) as (runner, renderers),
    ):

        async def run() -> None:
            scribe = JournalWriter(journal)
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


@contextmanager
def _open_runner(
    job: BatchJob, state: Path, figures: BatchStats, on_notice: Callable[[str], None]
) -> Iterator[tuple[Runner, RenderPool]]:
    """Who reads, and the processes that open documents (and render them, if they are read here)."""
    if job.on == "here":
        engine = job.engine
        with open_endpoint(job.url, job.model, engine=engine, on_notice=on_notice) as endpoint:
            # The embedded engine wants the processor for itself, and takes seconds for a page.
            renderers = RenderPool(1 if endpoint.is_embedded else free_cores())
            yield EndpointRunner(endpoint, encoding=job.encoding, renderers=renderers), renderers
        return
    if job.url is not None:
        raise UsageError(f"--on {job.on} brings its own engines: leave --url out.")
    name = load_config().model if job.model is None else job.model
    renderers = RenderPool(free_cores())
    if job.on == "ray":
        engine = job.engine or "embedded"
        default = POCKET if engine == "embedded" else DEFAULT_MODEL
        model = find_model(default if name is None else name)
        with RayPool(model, engine) as fleet:
            workers = pluralize(fleet.actors, "worker")
            on_notice(f"Reading with {model.id} on {workers} of a Ray cluster.")
            yield PoolRunner(fleet, model, job.encoding, figures), renderers
        return
    if job.engine:
        raise UsageError("--on modal brings its own engines: leave --engine out.")
    model = find_model(DEFAULT_MODEL if name is None else name)
    containers = ModalPool.find(model, state)
    on_notice(f"Reading with {model.id} on {containers.label}.")
    yield PoolRunner(containers, model, job.encoding, figures), renderers
