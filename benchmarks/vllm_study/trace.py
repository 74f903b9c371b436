"""A profile of vLLM's engine as a small table: GPU time by part of the work and kind of kernel.

Reads the files of torch's profiler (Chrome's trace format). A kernel belongs to the part in which
the processor launched it: launch and kernel have the same correlation number. Without a GPU there
are no kernels, and the innermost operators take their place.
"""

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

ENCODER, SAMPLING = "encoder", "sampling"  # as scopes.py names them
PREFILL, DECODING = "decoder with new pages", "decoder alone"
# vLLM's name of a step: requests in prefill, with their tokens, and requests in decoding.
_STEP = re.compile(r"execute_context_(\d+)\((\d+)\)_generation_\d+\(\d+\)")
_ON_GPU = {"kernel", "gpu_memcpy", "gpu_memset"}
_LAUNCHES = {"cuda_runtime", "cuda_driver"}
_MATRIX = r"gemm|nvjet|cutlass|xmma|cublas|wgmma|linear|aten::(mm|addmm|bmm)"
_KINDS = (  # the first that matches
    ("copy", re.compile(r"^mem(cpy|set)|aten::copy_", re.IGNORECASE)),
    ("attention", re.compile(r"flash|attention|fmha|attn", re.IGNORECASE)),
    ("matrix", re.compile(_MATRIX, re.IGNORECASE)),
)
_LONGEST = 25  # kernels listed by name, with the largest sums

Event = dict[str, Any]
Name = TypeVar("Name")


@dataclass(frozen=True)
class Kernel:
    """One kernel, times in microseconds; `part` is the work that it was launched for."""

    name: str
    start: float
    duration: float
    part: str

    @property
    def group(self) -> str:
        """Part and kind, such as `encoder: attention`."""
        kind = next((kind for kind, shape in _KINDS if shape.search(self.name)), "other")
        return f"{self.part}: {kind}"


def summarise(path: Path) -> dict[str, Any]:
    """Compute milliseconds by group, the prompts that were prefilled, and where the GPU waited.

    `idle_ms` is the time between the first and the last kernel in which none ran, by the part that
    came next. `overlap_ms` is the time that is counted twice because kernels ran at the same time.
    """
    events = json.loads(path.read_text())["traceEvents"]
    events = [event for event in events if event.get("ph") == "X"]
    scopes = _Scopes(events)
    kernels = sorted(_kernels(events, scopes), key=lambda kernel: kernel.start)
    if not kernels:
        return {"fault": f"{path.name} contains no kernels"}
    groups: defaultdict[str, float] = defaultdict(float)
    names: defaultdict[tuple[str, str], float] = defaultdict(float)
    for kernel in kernels:
        groups[kernel.group] += kernel.duration
        names[kernel.group, kernel.name] += kernel.duration
    idle, busy = _gaps(kernels)
    return {
        "seconds": round((busy + sum(idle.values())) / 1e6, 4),
        "prompt_tokens": scopes.prompt_tokens,
        "steps_with_new_pages": scopes.count(PREFILL),
        "steps_of_decoding_alone": scopes.count(DECODING),
        "milliseconds": _rounded(groups),
        "idle_ms": _rounded(idle),
        "overlap_ms": round((sum(groups.values()) - busy) / 1e3, 2),
        "longest": [
            {"group": group, "kernel": name[:160], "ms": round(time / 1e3, 2)}
            for (group, name), time in _longest_first(names)[:_LONGEST]
        ],
    }


class _Scopes:
    """Which part of the work a thread of the processor did at a time."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._spans: dict[object, list[tuple[float, float, str]]] = defaultdict(list)
        self.prompt_tokens = 0
        for event in events:
            if event.get("cat") == "user_annotation" and (part := self._part(event["name"])):
                start = event["ts"]
                self._spans[event["tid"]].append((start, start + event["dur"], part))
        for spans in self._spans.values():
            spans.sort()

    def count(self, part: str) -> int:
        """How often a part was done."""
        return sum(span[2] == part for spans in self._spans.values() for span in spans)

    def part_at(self, thread: object, time: float) -> str:
        """The innermost part: of the spans around that time, the one that began last."""
        spans = self._spans.get(thread, [])
        for _, end, part in reversed(spans[: bisect_right(spans, (time, float("inf"), ""))]):
            if end >= time:
                return part
            if part in (PREFILL, DECODING):
                break  # steps do not overlap, and contain everything else
        return "between steps"

    def _part(self, name: str) -> str | None:
        if name in (ENCODER, SAMPLING):
            return name
        step = _STEP.match(name)
        if step is None:
            return None
        self.prompt_tokens += int(step[2])
        return PREFILL if int(step[1]) else DECODING


def _kernels(events: list[Event], scopes: _Scopes) -> Iterator[Kernel]:
    launches = {
        event["args"]["correlation"]: event
        for event in events
        if event.get("cat") in _LAUNCHES and "correlation" in event.get("args", {})
    }
    on_gpu = [event for event in events if event.get("cat") in _ON_GPU]
    for event in on_gpu:
        launch = launches.get(event["args"].get("correlation"))
        part = scopes.part_at(launch["tid"], launch["ts"]) if launch else "not launched here"
        yield Kernel(event["name"], event["ts"], event["dur"], part)
    if not on_gpu:
        for event in _innermost([event for event in events if event.get("cat") == "cpu_op"]):
            part = scopes.part_at(event["tid"], event["ts"])
            yield Kernel(event["name"], event["ts"], event["dur"], part)


def _innermost(operators: list[Event]) -> Iterator[Event]:
    by_thread = defaultdict(list)
    for event in operators:
        by_thread[event["tid"]].append(event)
    for thread in by_thread.values():
        thread.sort(key=lambda event: (event["ts"], -event["dur"]))
        for event, following in zip(thread, [*thread[1:], None], strict=True):
            if following is None or following["ts"] >= event["ts"] + event["dur"]:
                yield event


def _gaps(kernels: list[Kernel]) -> tuple[dict[str, float], float]:
    """Return the idle time, by the part that came next, and the busy time."""
    idle: defaultdict[str, float] = defaultdict(float)
    busy, end = 0.0, kernels[0].start
    for kernel in kernels:
        if kernel.start > end:
            idle[kernel.part] += kernel.start - end
        busy += max(0.0, kernel.start + kernel.duration - max(kernel.start, end))
        end = max(end, kernel.start + kernel.duration)
    return idle, busy


def _rounded(times: Mapping[str, float]) -> dict[str, float]:
    return {name: round(time / 1e3, 2) for name, time in _longest_first(times)}


def _longest_first(times: Mapping[Name, float]) -> list[tuple[Name, float]]:
    return sorted(times.items(), key=lambda item: -item[1])
