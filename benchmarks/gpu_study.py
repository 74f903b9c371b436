"""Measure which of vLLM's options make LightOnOCR-1B faster on a GPU of this machine, and why.

    python -m benchmarks.gpu_study H200 WEIGHTS SECONDS benchmarks/results/gpu-study-h200.json NAME…

WEIGHTS is a folder from `random_checkpoint.py`: speed does not depend on the weights, because each
answer is given a length, 475 tokens on average. A NAME is one of CONFIGURATIONS, or several joined
with `+`; with `+profile` at the end, a profile is taken after the measurement. They run in that
order while SECONDS last, and the report is written after each. Every page is a different A4 page at
the model's edge; as many of its draft tokens are accepted as on manuals.
"""

import asyncio
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import httpx2
from benchmarks.vllm_study import in_process, trace
from benchmarks.vllm_study.configurations import (
    AS_ON_MANUALS,
    UNDRAFTED,
    Configuration,
    configuration,
)
from benchmarks.vllm_study.load import Lengths, Work, after, alone, http_sender, measure, pages
from benchmarks.vllm_study.record import Record, Row, within
from benchmarks.vllm_study.server import Server, errors, notes, servers, wait_for

from lighton_ocr.bench.load import ClosedLoop
from lighton_ocr.bench.server_metrics import MetricsWatch
from lighton_ocr.catalog import DEFAULT_MODEL, find_gpu, find_model
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.command import VllmOptions, vllm_command
from lighton_ocr.engines.vllm.server import VllmServer

NEEDED_S = 110  # for a configuration, with start and stop
MAX_LOAD_S = 200
STEPS = 80  # of the engine in a profile
ALONE = 8  # pages read one after another, after the load
PROFILED_PAGES = 64  # read for the profile, after the measured window


@dataclass(frozen=True)
class Running:
    """Servers, the configuration that they were started with, and how long that took."""

    chosen: Configuration
    servers: list[Server]
    log: Path
    start_s: float
    until_stopped: ExitStack


class Study:
    """Measures configurations one after another, with the same pages."""

    def __init__(self, options: VllmOptions, weights: str, work: Work, logs: Path) -> None:
        self.options, self.weights, self.work, self.logs = options, weights, work, logs
        self._pages: list[EncodedPage] = []
        self._running: Running | None = None
        logs.mkdir(parents=True, exist_ok=True)

    def measure(self, name: str, chosen: Configuration) -> Row:
        """Start servers, unless those of the last configuration will do, and measure under load.

        A failure is a row with errors from the log.
        """
        if not set(UNDRAFTED) <= set(chosen.flags):  # those have vLLM's default graphs
            chosen = replace(chosen, flags=AS_ON_MANUALS + chosen.flags)
        row: Row = {"why": chosen.why, "flags": chosen.flags}
        row |= {"environment": dict(chosen.environment), "engines": chosen.engines}
        load = self.work.load(chosen.in_flight)
        if chosen.in_process:
            self.stop()
            command = vllm_command(self.options, weights=self.weights, flags=chosen.flags)
            return row | in_process.run(self.work, load.level, self.options.model.id, command)
        log = self.logs / f"{name}.log"
        try:
            running = self._run(chosen, log, load)
            row |= {"start_s": running.start_s} if running.log == log else {"servers": "the last"}
            row |= self._measure(running, chosen, load)
            return row | {"notes": notes(running.log)}
        except Exception as error:
            self.stop()
            return row | {"fault": repr(error)[-3000:], "errors": errors(log)}

    def stop(self) -> None:
        """Stop the servers that run, if any do."""
        if self._running:
            self._running.until_stopped.close()
            self._running = None

    def _run(self, chosen: Configuration, log: Path, load: ClosedLoop) -> Running:
        if self._running and chosen.runs_like(self._running.chosen):
            return self._running
        self.stop()
        flags = chosen.flags + (profiling(log.with_suffix(".traces")) if chosen.profile else ())
        began = time.monotonic()
        with ExitStack() as stack:
            profiled = replace(chosen, flags=flags)
            started = stack.enter_context(servers(self.options, self.weights, profiled, log))
            self._encoded(load.pages + chosen.profile * PROFILED_PAGES)  # while the server starts
            wait_for(started)
            start_s = round(time.monotonic() - began, 1)
            self._running = Running(chosen, started, log, start_s, stack.pop_all())
        return self._running

    def _measure(self, running: Running, chosen: Configuration, load: ClosedLoop) -> Row:
        encoded = self._encoded(load.pages + chosen.profile * PROFILED_PAGES)
        row = asyncio.run(self._load(running.servers, chosen, load, encoded))
        if chosen.profile:
            traces = running.log.with_suffix(".traces")
            row["profile"] = _profile(running.servers[0][0], traces)
        return row

    def _encoded(self, count: int) -> list[EncodedPage]:
        if count > len(self._pages):
            self._pages = pages(self.options.model, self.work, count)
        return self._pages[:count]

    async def _load(
        self,
        started: list[Server],
        chosen: Configuration,
        load: ClosedLoop,
        encoded: list[EncodedPage],
    ) -> Row:
        model = self.options.model
        lengths = Lengths(self.work, load.level)
        limits = httpx2.Limits(max_connections=None)
        async with (
            httpx2.AsyncClient(timeout=600, limits=limits) as http,
            MetricsWatch(Endpoint(started[0][1], model, model.id)) as watch,
        ):
            send = http_sender(http, started, model.id, lengths, chosen.sampling)
            if chosen.profile:
                start = partial(asyncio.to_thread, started[0][0].call, "/start_profile")
                send = after(send, load.level + load.requests, start)
            async with asyncio.timeout(MAX_LOAD_S):
                row = await measure(self.work, load, encoded, send, watch.between)
                quiet = http_sender(http, started, model.id, Lengths(self.work, 0), chosen.sampling)
                return row | {"alone": await alone(encoded[:ALONE], quiet)}


def profiling(folder: Path) -> tuple[str, ...]:
    """Flags for a profile of STEPS steps, without the parts that are large or slow to write."""
    options = {
        "profiler": "torch",
        "torch_profiler_dir": folder.absolute(),
        "torch_profiler_with_stack": "false",
        "torch_profiler_use_gzip": "false",
        "torch_profiler_dump_cuda_time_total": "false",
        "ignore_frontend": "true",
        "max_iterations": STEPS,
    }
    flags = tuple(f"--profiler-config.{name}={value}" for name, value in options.items())
    return (*flags, "--worker-extension-cls", "benchmarks.vllm_study.scopes.Scopes")


def _profile(server: VllmServer, traces: Path) -> list[Row]:
    """Summarise the profile; if it fails, give the reason, since the speed is already measured."""
    try:
        server.call("/stop_profile")  # returns after the trace is written
        return [trace.summarise(file) for file in sorted(traces.glob("*.json"))]
    except Exception as error:
        return [{"fault": repr(error)[-2000:]}]


def main(gpu: str, weights: str, seconds: str, out: str, *names: str) -> None:
    """Measure as many configurations as the time allows.

    Raises:
        KeyError: a name is unknown; nothing was started.
    """
    for name in names:
        configuration(name)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end, too
    options = VllmOptions(find_model(DEFAULT_MODEL), find_gpu(gpu))
    study = Study(options, weights, Work(), Path(out).with_suffix(".logs"))
    record = Record(
        Path(out),
        f"python -m benchmarks.gpu_study {gpu} WEIGHTS {seconds} OUT {' '.join(names)}",
        gpu,
        load=asdict(study.work),
        container_command=vllm_command(options, weights="WEIGHTS"),
    )
    try:
        for number, name in enumerate(within(float(seconds), NEEDED_S, names)):
            key = name.removesuffix("+profile")  # the profile is taken after the measurement
            key += ", again" * names[:number].count(name)
            record.measure(key, study.measure, key, configuration(name))
    finally:
        study.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
