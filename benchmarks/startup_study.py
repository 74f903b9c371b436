"""How soon vLLM reads a first page on a GPU of this machine, by what it may skip.

    python -m benchmarks.startup_study H200 WEIGHTS SECONDS benchmarks/results/startup-h200.json

WEIGHTS is a folder from `random_checkpoint.py`. Each row is the container's command; seconds run
from the start of the process to the end of a first page's 16 tokens, and are read once a second.
The most telling comes first, and the report is written after each: they run as long as SECONDS
last. The caches are the study's own, so that a first start really finds nothing.
"""

import shutil
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.vllm_study.configurations import Configuration
from benchmarks.vllm_study.record import Record, Row, within
from benchmarks.vllm_study.server import errors, notes, servers, wait_for

from lighton_ocr.catalog import DEFAULT_MODEL, find_gpu, find_model
from lighton_ocr.engines.vllm.command import VllmOptions, vllm_command
from lighton_ocr.engines.vllm.server import VllmServer
from lighton_ocr.engines.vllm.warm_up import warm_up_request

NEEDED_S = 90  # for a start, and its end


@dataclass(frozen=True)
class Way:
    """`forget` names the caches that are emptied before: `vllm`, `triton`."""

    why: str
    changes: Mapping[str, bool] = field(default_factory=dict)  # of the options
    flags: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    forget: tuple[str, ...] = ()
    sleeps: bool = False


# vLLM keeps how much memory it found for the cache, and takes the next start's from there.
PLAN = {"VLLM_ENABLE_STARTUP_PLAN": "1"}
WAYS = {
    "cold": Way("nothing cached", environment=PLAN, forget=("vllm", "triton")),
    "warm": Way("compiled code cached", forget=("triton",)),
    # What the deployment's volume keeps.
    "kernels-kept": Way("compiled code and Triton's kernels cached"),
    # On an H200's host 25 s went by between "JIT kernel warmup finished" and the first CUDA graph.
    "not-warmed-up": Way(
        "all cached, kernels not tried before the first page",
        flags=("--kernel-config.enable_jit_warmup=false",),
    ),
    "planned": Way("all cached, memory not measured anew", environment=PLAN),
    "forked": Way(
        "all cached, modules imported once",
        environment={"VLLM_WORKER_MULTIPROC_METHOD": "fork"},
    ),
    "sleeping": Way("all cached, SNAPSHOT=1", {"snapshot": True}, sleeps=True),
    "fast-boot": Way("FAST_BOOT=1", {"fast_boot": True}),
}


class Starts:
    """Starts one way after another; `folder` holds the logs and the caches."""

    def __init__(self, options: VllmOptions, weights: str, folder: Path) -> None:
        self.options, self.weights, self.folder = options, weights, folder
        folder.mkdir(parents=True, exist_ok=True)

    def measure(self, name: str, way: Way) -> Row:
        """Seconds until a first page, and what the log says of them; or what went wrong."""
        for cache in way.forget:
            shutil.rmtree(self.folder / cache, ignore_errors=True)
        places = {"VLLM_CACHE_ROOT": "vllm", "TRITON_CACHE_DIR": "triton"}
        environment = {
            name: str((self.folder / cache).absolute()) for name, cache in places.items()
        }
        environment |= way.environment
        options = replace(self.options, **way.changes)
        chosen = Configuration(way.why, way.flags, environment)
        log = self.folder / f"{name}.log"
        row: Row = {"why": way.why, "command": vllm_command(options, flags=way.flags)[3:]}
        row |= {"environment": dict(way.environment)}
        try:
            began = time.monotonic()
            with servers(options, self.weights, chosen, log) as started:
                wait_for(started)
                row["first_page_s"] = _since(began)
                if way.sleeps:
                    row |= _sleep_and_wake(started[0][0])
        except Exception as error:
            return row | {"fault": repr(error)[-3000:], "errors": errors(log)}
        return row | {"notes": notes(log)}


def _sleep_and_wake(server: VllmServer) -> Row:
    """What a snapshot holds is a sleeping server: after it is restored, this is left to do."""
    row: Row = {}
    for name, act in (
        ("sleep_s", server.sleep),
        ("wake_s", server.wake),
        ("page_after_wake_s", lambda: _read(server)),
        ("next_page_s", lambda: _read(server)),
    ):
        began = time.monotonic()
        act()
        row[name] = _since(began, 3)
    return row


def _read(server: VllmServer) -> None:
    server.call("/v1/chat/completions", warm_up_request(server.options.model))


def _since(began: float, digits: int = 1) -> float:
    return round(time.monotonic() - began, digits)


def main(gpu: str, weights: str, seconds: str, out: str) -> None:
    """Measure as many as fit."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers end with us
    options = VllmOptions(find_model(DEFAULT_MODEL), find_gpu(gpu))
    starts = Starts(options, weights, Path(out).with_suffix(".logs"))
    command = f"python -m benchmarks.startup_study {gpu} WEIGHTS {seconds} OUT"
    record = Record(Path(out), command, gpu, model=options.model.id)
    for name in within(float(seconds), NEEDED_S, WAYS):
        record.measure(name, starts.measure, name, WAYS[name])


if __name__ == "__main__":
    main(*sys.argv[1:])
