"""Measure how soon vLLM reads its first page on a GPU of this machine, by what is cached.

    python -m benchmarks.startup_study H200 WEIGHTS SECONDS benchmarks/results/startup.json NAME…

NAME is one of STARTS; without names, all are measured in their order. WEIGHTS is a folder from
`random_checkpoint.py`. Each row is the container's command; seconds count from the start of the
process to the end of the first page's 16 tokens, within one second. The report is written after
each, while SECONDS last. The study has its own caches, so the first start finds them empty.
"""

import shutil
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from benchmarks.vllm_study.configurations import Configuration
from benchmarks.vllm_study.record import Record, Row, within
from benchmarks.vllm_study.server import errors, milestones, notes, servers, wait_for

from lighton_ocr.catalog import DEFAULT_MODEL, find_gpu, find_model
from lighton_ocr.engines.vllm.command import VllmOptions, vllm_command
from lighton_ocr.engines.vllm.server import VllmServer
from lighton_ocr.engines.vllm.warm_up import warm_up_request

NEEDED_S = 90  # for a start and a stop


@dataclass(frozen=True)
class Start:
    """One way to start; `clears` names the caches that are emptied before: `vllm`, `triton`."""

    why: str
    snapshot: bool = False
    fast_boot: bool = False
    flags: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    clears: tuple[str, ...] = ()
    sleeps: bool = False


# vLLM stores how much memory it found for the KV cache, and uses that at the next start.
PLAN = {"VLLM_ENABLE_STARTUP_PLAN": "1"}
STARTS = {
    "cold": Start("nothing cached", environment=PLAN, clears=("vllm", "triton")),
    "warm": Start("compiled code cached", clears=("triton",)),
    # What the deployment's volume caches.
    "kernels-kept": Start("compiled code and Triton's kernels cached"),
    # On an H200, 25 s passed between "JIT kernel warmup finished" and the first CUDA graph.
    "not-warmed-up": Start(
        "all cached, kernels not warmed up before the first page",
        flags=("--kernel-config.enable_jit_warmup=false",),
    ),
    "planned": Start("all cached, memory not measured again", environment=PLAN),
    "sleeping": Start("all cached, SNAPSHOT=1", snapshot=True, sleeps=True),
    "fast-boot": Start("FAST_BOOT=1", fast_boot=True),
}


class StartupStudy:
    """Measures starts one after another; `folder` has the logs and the caches."""

    def __init__(self, options: VllmOptions, weights: str, folder: Path) -> None:
        self.options, self.weights, self.folder = options, weights, folder
        folder.mkdir(parents=True, exist_ok=True)

    def measure(self, name: str, start: Start) -> Row:
        """Measure the seconds until the first page, with lines of the log; or say what failed."""
        for cache in start.clears:
            shutil.rmtree(self.folder / cache, ignore_errors=True)
        places = {"VLLM_CACHE_ROOT": "vllm", "TRITON_CACHE_DIR": "triton"}
        places |= {"FLASHINFER_WORKSPACE_BASE": "flashinfer"}
        environment = {
            name: str((self.folder / cache).absolute()) for name, cache in places.items()
        }
        environment |= start.environment
        options = replace(self.options, snapshot=start.snapshot, fast_boot=start.fast_boot)
        chosen = Configuration(start.why, start.flags, environment)
        log = self.folder / f"{name}.log"
        row: Row = {"why": start.why, "command": vllm_command(options, flags=start.flags)[3:]}
        row |= {"environment": dict(start.environment)}
        try:
            began, started_at = time.monotonic(), datetime.now()
            with servers(options, self.weights, chosen, log) as started:
                wait_for(started)
                row["first_page_s"] = _since(began)
                if start.sleeps:
                    row |= _sleep_and_wake(started[0][0])
        except Exception as error:
            return row | {"fault": repr(error)[-3000:], "errors": errors(log)}
        compiled = list((self.folder / "flashinfer").rglob("*.so"))
        row |= {"compiled_by_flashinfer": len(compiled)}
        return row | {"milestones_s": milestones(log, started_at), "notes": notes(log)}


def _sleep_and_wake(server: VllmServer) -> Row:
    """Measure sleep and wake-up: a snapshot contains a sleeping server."""
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


def main(gpu: str, weights: str, seconds: str, out: str, *names: str) -> None:
    """Measure as many starts as the time allows: those that are named, or all."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end, too
    options = VllmOptions(find_model(DEFAULT_MODEL), find_gpu(gpu))
    study = StartupStudy(options, weights, Path(out).with_suffix(".logs"))
    words = ["python -m benchmarks.startup_study", gpu, "WEIGHTS", seconds, "OUT", *names]
    record = Record(Path(out), " ".join(words), gpu, model=options.model.id)
    for name in within(float(seconds), NEEDED_S, names or STARTS):
        record.measure(name, study.measure, name, STARTS[name])


if __name__ == "__main__":
    main(*sys.argv[1:])
