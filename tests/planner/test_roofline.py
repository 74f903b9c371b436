import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighton_ocr.catalog import Gpu, Model, find_gpu, find_model, gpus, models
from lighton_ocr.catalog.measurements import Measurement, calibration, measurements
from lighton_ocr.errors import UsageError
from lighton_ocr.planner import efficiency, estimate

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
A_GPU = st.sampled_from(gpus())
A_MODEL = st.sampled_from(models())


@pytest.mark.parametrize("run", measurements(), ids=lambda run: run.gpu)
def test_no_measured_run_beats_a_limit(run: Measurement) -> None:
    found = estimate(find_model(run.model), find_gpu(run.gpu), run.tokens)
    assert run.pages_per_s < found.bound
    assert run.pages_per_s <= found.front_end


def test_an_api_server_passes_what_one_was_seen_to() -> None:
    settled = json.loads((RESULTS / "gpu-study-h200-settled.json").read_text())["rows"]["ours"]
    found = estimate(find_model("1b"), find_gpu("A100-80GB"))
    assert found.front_end == pytest.approx(settled["pages_per_s"])
    for gpu in map(find_gpu, ("H100", "H200", "B200")):
        assert estimate(find_model("1b"), gpu).front_end == 2 * found.front_end
        assert estimate(find_model("3-1b"), gpu).front_end == pytest.approx(2 * found.front_end)
        assert estimate(find_model("3-4b"), gpu).front_end < found.front_end  # with one


def test_the_calibrating_run_is_estimated_exactly() -> None:
    run = calibration()
    found = estimate(find_model(run.model), find_gpu(run.gpu), run.tokens)
    assert found.pages_per_s == pytest.approx(run.pages_per_s)
    assert 0.3 < efficiency() < 1


@pytest.mark.parametrize("run", [run for run in measurements() if run.drafts], ids=str)
def test_drafts_are_estimated_within_a_third_of_what_was_measured(run: Measurement) -> None:
    found = estimate(find_model(run.model), find_gpu(run.gpu), run.tokens)
    assert found.drafted_per_s == pytest.approx(run.pages_per_s, rel=1 / 3)


@pytest.mark.parametrize(("model", "gpu"), [("1b", "T4"), ("3-4b", "L4")])
def test_without_drafts_a_page_takes_as_long_as_any(model: str, gpu: str) -> None:
    found = estimate(find_model(model), find_gpu(gpu))
    assert found.drafted_per_s == found.pages_per_s


def test_a_third_partys_l4_is_within_a_third_of_the_estimate() -> None:
    (run,) = (run for run in measurements() if run.gpu == "L4")
    found = estimate(find_model(run.model), find_gpu("L4"))
    assert run.pages_per_s == pytest.approx(found.pages_per_s, rel=1 / 3)


def test_5_7_pages_a_second_on_an_l4_are_past_its_limit() -> None:
    assert estimate(find_model("1b"), find_gpu("L4")).bound == pytest.approx(2.3, rel=0.1)


def test_cache_in_use_on_the_h200_is_what_vllm_reported() -> None:
    found = estimate(find_model("1b"), find_gpu("H200"), 475)
    half_written = 1 - 475 / 2 / (2161 + 475)  # 128 pages, on average half way through
    assert 128 * half_written / found.sequences == pytest.approx(0.27, abs=0.03)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.id)
@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
def test_every_estimate_keeps_within_its_limits(model: Model, gpu: Gpu) -> None:
    found = estimate(model, gpu)
    assert 0 < found.pages_per_s <= min(found.serial, found.bound, found.front_end)
    assert found.pages_per_s <= found.drafted_per_s <= found.front_end
    assert 0 < found.batch <= found.sequences
    assert found.usd_per_1000 == pytest.approx(gpu.price_per_hour / (3.6 * found.pages_per_s))


@given(A_MODEL, A_GPU, st.integers(50, 3000), st.floats(1, 4))
def test_a_better_gpu_is_never_slower(model: Model, gpu: Gpu, tokens: int, factor: float) -> None:
    base = estimate(model, gpu, tokens)
    for better in (
        replace(gpu, bandwidth_gb_s=gpu.bandwidth_gb_s * factor),
        replace(gpu, memory_gb=int(gpu.memory_gb * factor)),
        replace(gpu, measured_tflops=gpu.measured_tflops * factor),
        replace(gpu, peak_tflops=gpu.peak_tflops * factor),
    ):
        found = estimate(model, better, tokens)
        assert found.pages_per_s >= base.pages_per_s
        assert found.bound >= base.bound


# The smallest context leaves 3,074 tokens beside a page.
@given(A_MODEL, A_GPU, st.integers(50, 2500), st.integers(1, 500))
def test_longer_answers_are_never_faster(model: Model, gpu: Gpu, tokens: int, more: int) -> None:
    assert (
        estimate(model, gpu, tokens + more).pages_per_s <= estimate(model, gpu, tokens).pages_per_s
    )


@pytest.mark.parametrize("model", models(), ids=lambda model: model.id)
@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
def test_the_longest_answer_can_be_planned_and_no_longer_one(model: Model, gpu: Gpu) -> None:
    longest = model.context - estimate(model, gpu).work.prompt_tokens
    estimate(model, gpu, longest)
    with pytest.raises(UsageError, match=f"leaves {longest:,} beside the page image"):
        estimate(model, gpu, longest + 1)


def test_the_wall_is_what_takes_the_most_of_the_time() -> None:
    found = estimate(find_model("3-0.8b"), find_gpu("A10"))
    assert found.gpu.measured_tflops * 1e12 / found.work.flop < found.bandwidth < found.arithmetic
    assert found.wall == "arithmetic"


def test_pages_that_fit_nowhere_are_refused() -> None:
    tiny = replace(find_gpu("T4"), memory_gb=4)
    with pytest.raises(UsageError, match="does not fit into the 4 GB of a T4"):
        estimate(find_model("1b"), tiny)
