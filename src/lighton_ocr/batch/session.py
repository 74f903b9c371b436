"""One call of `lighton-ocr batch`: take the lock, open the journal and the runner, then run."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from lighton_ocr._cores import free_cores
from lighton_ocr._text import pluralize
from lighton_ocr.api import open_endpoint
from lighton_ocr.batch.inputs import check_files, find_inputs
from lighton_ocr.batch.journal import Journal
from lighton_ocr.batch.journal_writer import JournalWriter
from lighton_ocr.batch.on_modal import ModalPool
from lighton_ocr.batch.on_ray import RayPool
from lighton_ocr.batch.outputs import open_output
from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.run import Batch, BatchListener
from lighton_ocr.batch.runner import EndpointRunner, Runner
from lighton_ocr.batch.state import lock, state_folder
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.batch.worker_pool import PoolRunner
from lighton_ocr.catalog import (
    DEFAULT_MODEL,
    POCKET,
    Model,
    check_margins,
    find_model,
    fine_tune,
)
from lighton_ocr.config import load_config
from lighton_ocr.documents.pages import Encoding
from lighton_ocr.documents.render_pool import RenderPool
from lighton_ocr.endpoint import Endpoint, Engine
from lighton_ocr.engines.llama_cpp.weights import PRECISION
from lighton_ocr.errors import UsageError
from lighton_ocr.formats import find_format
from lighton_ocr.formats.options import check_options
from lighton_ocr.reading.attempts import OwnTextMode, PageBudget

Place = Literal["here", "modal", "ray"]


@dataclass(frozen=True)
class BatchJob:
    """A plan, where its results are written, and what reads the pages.

    `out` is a folder or a bucket's address. `on` is where the engines run: `url` is for "here"
    alone, `engine` for "here" and "ray", `like` for "modal": the checkpoint that the fine-tune
    `model` comes from. `page_timeout` is in seconds, see `PageBudget`; `own_text` is as in
    `ReadingPolicy.of`. With `boxes`, figures are cut out, and JSON has blocks. With `ocr_drafts`,
    Tesseract drafts for pages without text, here alone.
    """

    plan: BatchPlan
    out: str
    url: str | None = None
    model: str | None = None
    like: str | None = None
    engine: Engine | None = None
    on: Place = "here"
    encoding: Encoding = "png"
    page_timeout: float | None = None
    own_text: OwnTextMode | None = None
    boxes: bool = False
    ocr_drafts: bool = False

    def check_model(self, model: Model) -> None:
        """Check that a model tells margins, if they are to be left out.

        Raises:
            UsageError: it does not.
        """
        if not self.plan.options.margins:
            check_margins(model, "--no-margins")

    @property
    def asks_for_boxes(self) -> bool:
        """Whether pages are read with boxes: they tell margins, too."""
        return self.boxes or not self.plan.options.margins


def run_batch(
    job: BatchJob,
    stats: BatchStats,
    listener: BatchListener,
    on_notice: Callable[[str], None] = lambda _: None,
) -> None:
    """Read the pages that are not read yet; other threads may look at `stats` meanwhile.

    `on_notice` gets sentences for the user.

    Raises:
        UsageError: a format is unknown, a named file does not exist, another batch is running, the
            model gives no boxes, or no drafts can be written or taken.
        OutputError, EndpointError, TooManyFailures: see `Batch.run`.
        KeyboardInterrupt: Ctrl-C; what was read until then is kept.
    """
    check_options([find_format(name) for name in job.plan.formats], job.plan.options)
    output, state = open_output(job.out), state_folder(job.out)
    # Fail before an engine is started.
    check_files(job.plan.inputs)
    next(find_inputs(job.plan.inputs, output.folder), None)
    with (
        lock(state, job.out),
        closing(Journal.open(state)) as journal,
        _open_runner(job, state, stats, listener, on_notice) as (runner, renderers),
    ):

        async def run() -> None:
            journal_writer = JournalWriter(journal)
            batch = Batch(
                job.plan,
                output,
                journal_writer,
                state,
                stats=stats,
                listener=listener,
                renderers=renderers,
                runner=runner,
            )
            try:
                await batch.run()
            finally:
                await journal_writer.close()

        asyncio.run(run())


@contextmanager
def _open_runner(
    job: BatchJob,
    state: Path,
    stats: BatchStats,
    listener: BatchListener,
    on_notice: Callable[[str], None],
) -> Iterator[tuple[Runner, RenderPool]]:
    """Yield what reads the pages, and the processes that open documents and may render pages."""
    _check_place(job)
    match job.on:
        case "here":
            with _open_here(job, listener, on_notice) as runner_and_renderers:
                yield runner_and_renderers
        case "ray":
            engine = job.engine or "embedded"
            model = _find_model(job, POCKET if engine == "embedded" else DEFAULT_MODEL)
            with RayPool(model, engine) as ray_pool:
                workers = pluralize(ray_pool.actors, "worker")
                on_notice(f"Reading with {model.id} on {workers} of a Ray cluster.")
                settings = _pool_settings(job, model, engine)
                yield PoolRunner(ray_pool, settings, stats), RenderPool(free_cores())
        case "modal":
            model = _find_model(job, DEFAULT_MODEL)
            modal_pool = ModalPool.find(model, state)
            on_notice(f"Reading with {model.id} on {modal_pool.label}.")
            settings = _pool_settings(job, model, "vllm")
            yield PoolRunner(modal_pool, settings, stats), RenderPool(free_cores())


def _check_place(job: BatchJob) -> None:
    """Refuse options that make no sense where the engines run."""
    if job.like is not None and job.on != "modal":
        raise UsageError(
            "--like is for --on modal. To read with a fine-tune through --url, name the checkpoint "
            f"that it comes from: --model {job.like}."
        )
    if job.on == "here":
        return
    if job.ocr_drafts:
        raise UsageError(
            f"--ocr-drafts uses this machine's cores: leave it out with --on {job.on}."
        )
    if job.url is not None:
        raise UsageError(f"--on {job.on} starts its own engines: leave --url out.")
    if job.engine and job.on == "modal":
        raise UsageError("--on modal starts its own engines: leave --engine out.")


@contextmanager
def _open_here(
    job: BatchJob, listener: BatchListener, on_notice: Callable[[str], None]
) -> Iterator[tuple[Runner, RenderPool]]:
    with open_endpoint(
        job.url,
        job.model,
        engine=job.engine,
        on_notice=on_notice,
        check_model=job.check_model,
        ocr_drafts=job.ocr_drafts,
    ) as endpoint:
        # The embedded engine needs all cores, and takes seconds for a page.
        renderers = RenderPool(1 if endpoint.is_embedded else free_cores())
        runner = EndpointRunner(
            endpoint,
            _settings(job, endpoint),
            renderers,
            ocr_drafts=job.ocr_drafts,
            listener=listener,
        )
        yield runner, renderers


def _find_model(job: BatchJob, default: str) -> Model:
    name = load_config().model if job.model is None else job.model
    if job.like is None:
        model = find_model(default if name is None else name)
    elif name is None:
        raise UsageError("--like needs --model organisation/name, the fine-tune that is deployed.")
    else:
        model = fine_tune(name, find_model(job.like))
    job.check_model(model)
    return model


def _pool_settings(job: BatchJob, model: Model, engine: Engine) -> ReadingSettings:
    """Return the settings of workers, each of which has an endpoint like this one."""
    endpoint = Endpoint("", model, model.id, software="vllm", managed=True)
    if engine == "embedded":
        endpoint = replace(endpoint, software="llama.cpp", precision=PRECISION)
    return _settings(job, endpoint)


def _settings(job: BatchJob, endpoint: Endpoint) -> ReadingSettings:
    budget = PageBudget.of(endpoint, job.page_timeout)
    return ReadingSettings.of(endpoint, job.encoding, budget, job.own_text, job.asks_for_boxes)
