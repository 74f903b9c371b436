"""A profile whose sums are known. Times are in milliseconds here, in microseconds in the file."""

import json
from pathlib import Path
from typing import Any

from benchmarks.vllm_study.trace import summarise

Event = dict[str, Any]

MATRIX = "nvjet_tst_128x256_64x4_1x2_h_bz_coopA_TNN"
FLASH = "void cutlass::device_kernel<flash::enable_sm90<flash::FlashAttnFwdSm90<...>>>"
MULTIPLY = "void at::native::vectorized_elementwise_kernel<4, MulFunctor>"
COPY = "Memcpy HtoD (Pinned -> Device)"


def span(name: str, start: float, end: float, thread: int = 7) -> Event:
    return _event("user_annotation", name, start, end, thread)


def launch(correlation: int, at: float, name: str = "cudaLaunchKernel", thread: int = 7) -> Event:
    event = _event("cuda_runtime", name, at, at + 1, thread)
    return event | {"args": {"correlation": correlation}}


def kernel(correlation: int, name: str, start: float, end: float, cat: str = "kernel") -> Event:
    return _event(cat, name, start, end, 0) | {"args": {"correlation": correlation}}


def _event(cat: str, name: str, start: float, end: float, thread: int) -> Event:
    times = {"ts": start * 1000, "dur": (end - start) * 1000}
    return {"ph": "X", "cat": cat, "name": name, "tid": thread} | times


EVENTS = [
    span("execute_context_2(4300)_generation_3(3)", 0, 100),
    span("encoder", 10, 40),
    launch(1, 12),
    kernel(1, FLASH, 50, 80),
    launch(2, 20),
    kernel(2, MATRIX, 80, 100),
    launch(3, 60),  # after the encoder, in the same step
    kernel(3, FLASH, 120, 160),
    span("sampling", 110, 120),
    launch(4, 112),
    kernel(4, MULTIPLY, 160, 165),
    span("execute_context_0(0)_generation_5(5)", 130, 150),
    launch(5, 135, "cudaGraphLaunch"),
    kernel(5, MATRIX, 200, 230),
    kernel(5, FLASH, 225, 245),  # on another stream
    launch(6, 160),
    kernel(6, COPY, 250, 252, "gpu_memcpy"),
    launch(7, 135, thread=8),  # another thread, at the same time
    kernel(7, COPY, 252, 253, "gpu_memcpy"),
    kernel(99, MULTIPLY, 253, 254),
    {"ph": "M", "name": "process_name"},
]


def test_time_is_summed_by_part_and_kind(tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    file.write_text(json.dumps({"traceEvents": EVENTS}))
    found = summarise(file)
    assert found["milliseconds"] == {
        "decoder with new pages: attention": 40,
        "encoder: attention": 30,
        "decoder alone: matrix": 30,
        "encoder: matrix": 20,
        "decoder alone: attention": 20,
        "sampling: other": 5,
        "between steps: copy": 3,
        "not launched here: other": 1,
    }
    assert found["idle_ms"] == {
        "decoder alone": 35,  # 165 to 200
        "decoder with new pages": 20,  # 100 to 120
        "between steps": 5,  # 245 to 250
    }
    assert found["overlap_ms"] == 5  # 225 to 230
    assert found["seconds"] == 0.204  # 50 to 254
    assert found["prompt_tokens"] == 4300
    assert found["steps_with_new_pages"] == found["steps_of_decoding_alone"] == 1
    first = {"group": "decoder with new pages: attention", "kernel": FLASH, "ms": 40}
    assert found["longest"][0] == first


def test_without_kernels_the_innermost_operators_are_counted(tmp_path: Path) -> None:
    events = [
        span("execute_context_1(96)_generation_0(0)", 0, 100),
        _event("cpu_op", "aten::linear", 10, 50, 7),
        _event("cpu_op", "aten::addmm", 20, 45, 7),
        _event("cpu_op", "aten::mul", 60, 70, 7),
    ]
    file = tmp_path / "trace.json"
    file.write_text(json.dumps({"traceEvents": events}))
    assert summarise(file)["milliseconds"] == {
        "decoder with new pages: matrix": 25,
        "decoder with new pages: other": 10,
    }


def test_an_empty_trace_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    file.write_text('{"traceEvents": []}')
    assert summarise(file) == {"fault": "trace.json contains no kernels"}
