import time
from dataclasses import replace

import pytest
from starlette.responses import PlainTextResponse

from lighton_ocr.bench.server_metrics import Gauges, MetricsWatch, parse
from lighton_ocr.engines.remote import connect
from tests.support.scripted_endpoint import ScriptedEndpoint, status

VLLM = """\
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 12.0
vllm:num_requests_running{engine="1",model_name="m"} 4.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="m"} 3.0
vllm:num_requests_waiting{engine="1",model_name="m"} 0.0
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.2
vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.4
# TYPE vllm:generation_tokens counter
vllm:generation_tokens_total{engine="0",model_name="m"} 12345.0
"""
LLAMA = """\
# TYPE llamacpp:requests_processing gauge
llamacpp:requests_processing 1
# TYPE llamacpp:requests_deferred gauge
llamacpp:requests_deferred 2
"""


def test_the_metrics_of_several_vllm_engines_are_added_up() -> None:
    found = parse(VLLM, 1.0)
    assert (found.running, found.waiting) == (16, 3)
    assert found.kv_usage == pytest.approx(0.3)


def test_tokens_per_step_is_computed_from_the_difference_of_two_readings() -> None:
    counters = 'vllm:spec_decode_num_{}_total{{engine="0"}} {}\n'
    watch = MetricsWatch.__new__(MetricsWatch)
    watch._readings = [
        parse(counters.format("drafts", steps) + counters.format("accepted_tokens", accepted), at)
        for at, steps, accepted in ((1.0, 100, 50), (2.0, 200, 270), (3.0, 300, 500))
    ]
    found = watch.between(1.0, 2.5)
    assert found is not None
    assert found.tokens_per_step == pytest.approx(3.2)


def test_llama_cpp_has_fewer_metrics() -> None:
    assert parse(LLAMA, 1.0) == Gauges(1.0, 1.0, 2.0, None)


@pytest.mark.usefixtures("dead_proxy")
async def test_metrics_are_read_during_a_window(scripted: ScriptedEndpoint) -> None:
    scripted.pages["/metrics"] = lambda _: PlainTextResponse(VLLM)
    start = time.perf_counter()
    async with MetricsWatch(connect(scripted.url)) as watch:
        assert await watch.read()
    load = watch.between(start, time.perf_counter())
    assert load
    assert (load.running, load.waiting) == (16, 3)
    assert load.kv_usage == pytest.approx(0.3)
    assert watch.between(start - 2, start - 1) is None


async def test_a_reading_that_fails_is_followed_by_others(scripted: ScriptedEndpoint) -> None:
    start = time.perf_counter()
    scripted.pages["/metrics"] = status(503, "too busy")
    async with MetricsWatch(connect(scripted.url)) as watch:
        assert await watch.read()
        assert watch.between(start, time.perf_counter()) is None
        scripted.pages["/metrics"] = lambda _: PlainTextResponse(VLLM)
        assert await watch.read()
        assert watch.between(start, time.perf_counter())


async def test_an_unreachable_server_is_asked_again(scripted: ScriptedEndpoint) -> None:
    unreachable = replace(connect(scripted.url), base_url="http://127.0.0.1:9/v1")
    async with MetricsWatch(unreachable) as watch:
        assert await watch.read()


@pytest.mark.parametrize("page", [None, "<html>no metrics here</html>"])
async def test_a_server_without_metrics_is_not_an_error(
    scripted: ScriptedEndpoint, page: str | None
) -> None:
    if page:
        scripted.pages["/metrics"] = lambda _: PlainTextResponse(page)
    async with MetricsWatch(connect(scripted.url)) as watch:
        assert not await watch.read()
    assert watch.between(0, time.perf_counter()) is None
