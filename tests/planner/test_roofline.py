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
def test_no_measured_run_exceeds_a_limit(run: Measurement) -> None:
    found = estimate(find_model(run.model), find_gpu(run.gpu), run.tokens)
    assert run.pages_per_s < found.limits.bound
    assert run.pages_per_s <= found.limits.preprocessing


def test_an_api_server_preprocesses_what_one_was_measured_to() -> None:
    settled = json.loads((RESULTS / "gpu-study-h200-settled.json").read_text())["rows"]["ours"]

    def preprocessing(model: str, gpu: str) -> float:
        return estimate(find_model(model), find_gpu(gpu)).limits.preprocessing

    one = preprocessing("1b", "A100-80GB")
    assert one == pytest.approx(settled["pages_per_s"])
    for gpu in ("H100", "H200", "B200"):
        assert preprocessing("1b", gpu) == 2 * one
        assert preprocessing("3-1b", gpu) == pytest.approx(2 * one)
        assert preprocessing("3-4b", gpu) < one  # with one API server


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
def test_without_draft_tokens_the_rates_are_equal(model: str, gpu: str) -> None:
    found = estimate(find_model(model), find_gpu(gpu))
    assert found.drafted_per_s == found.pages_per_s


def test_a_third_partys_l4_is_within_a_third_of_the_estimate() -> None:
    (run,) = (run for run in measurements() if run.gpu == "L4")
    found = estimate(find_model(run.model), find_gpu("L4"))
    assert run.pages_per_s == pytest.approx(found.pages_per_s, rel=1 / 3)


def test_5_7_pages_per_second_on_an_l4_exceed_its_limit() -> None:
    assert estimate(find_model("1b"), find_gpu("L4")).limits.bound == pytest.approx(2.3, rel=0.1)


def test_cache_in_use_on_the_h200_is_what_vllm_reported() -> None:
    found = estimate(find_model("1b"), find_gpu("H200"), 475)
    half_written = 1 - 475 / 2 / (2161 + 475)  # 128 pages, on average half way through
    assert 128 * half_written / found.limits.capacity == pytest.approx(0.27, abs=0.03)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.id)
@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
def test_every_estimate_is_within_its_limits(model: Model, gpu: Gpu) -> None:
    found = estimate(model, gpu)
    limits = found.limits
    assert 0 < found.pages_per_s <= min(limits.serial, limits.bound, limits.preprocessing)
    assert found.pages_per_s <= found.drafted_per_s <= limits.preprocessing
    assert 0 < limits.batch <= limits.capacity
    assert found.usd_per_1000 == pytest.approx(gpu.price_per_hour / (3.6 * found.pages_per_s))


@given(A_MODEL, A_GPU, st.integers(50, 3000), st.floats(1, 4))
def test_a_better_gpu_is_never_slower(model: Model, gpu: Gpu, tokens: int, factor: float) -> None:
    base = estimate(model, gpu, tokens)
    for better in (
        replace(gpu, bandwidth_gb_s=int(gpu.bandwidth_gb_s * factor)),
        replace(gpu, memory_gb=int(gpu.memory_gb * factor)),
        replace(gpu, measured_tflops=gpu.measured_tflops * factor),
        replace(gpu, peak_tflops=gpu.peak_tflops * factor),
    ):
        found = estimate(model, better, tokens)
        assert found.pages_per_s >= base.pages_per_s
        assert found.limits.bound >= base.limits.bound


# The smallest context leaves 3,074 tokens beside a page.
@given(A_MODEL, A_GPU, st.integers(50, 2500), st.integers(1, 500))
def test_longer_answers_are_never_faster(model: Model, gpu: Gpu, tokens: int, more: int) -> None:
    assert (
        estimate(model, gpu, tokens + more).pages_per_s <= estimate(model, gpu, tokens).pages_per_s
    )


@pytest.mark.parametrize("model", models(), ids=lambda model: model.id)
@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
def test_answers_up_to_the_longest_can_be_planned(model: Model, gpu: Gpu) -> None:
    longest = model.context - estimate(model, gpu).work.prompt_tokens
    estimate(model, gpu, longest)
    with pytest.raises(UsageError, match=f"leaves {longest:,} after the page image"):
        estimate(model, gpu, longest + 1)


def test_the_bottleneck_is_what_takes_most_of_the_time() -> None:
    found = estimate(find_model("3-0.8b"), find_gpu("A10"))
    reached = found.gpu.measured_tflops * 1e12 / found.work.flop
    assert reached < found.limits.bandwidth < found.limits.arithmetic
    assert found.bottleneck == "arithmetic"
    h200 = find_gpu("H200")
    assert estimate(find_model("1b"), h200).bottleneck == "bandwidth"
    faster = replace(h200, bandwidth_gb_s=48_000, measured_tflops=7900.0)
    assert estimate(find_model("1b"), faster).bottleneck == "preprocessing"


def test_pages_that_do_not_fit_into_memory_are_refused() -> None:
    tiny = replace(find_gpu("T4"), memory_gb=4)
    with pytest.raises(UsageError, match="does not fit into the 4 GB of the T4"):
        estimate(find_model("1b"), tiny)
