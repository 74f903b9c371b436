from dataclasses import astuple

import pytest

from lighton_ocr.bench.level import Level, Spread, knee, summarise
from lighton_ocr.bench.load import ClosedLoop, OpenLoop, Sample, Window
from lighton_ocr.catalog import find_gpu


def level(
    load: float, pages: int, p95: float = 1.0, failures: int = 0, growth: float | None = 0.0
) -> Level:
    spread = Spread(p95 / 2, p95, p95) if pages else None
    return Level(load, pages, failures, 10.0, spread, growth, spread, 2161, 475, None, None, ())


def grown(seconds_each: float, rate: float) -> float | None:
    """How much latency grows with pages of two lengths, read one at a time."""
    free, samples = 0.0, []
    for number in range(60):
        due = number / rate
        free = max(free, due) + seconds_each * (0.5 if number % 2 else 1.5)
        samples.append(Sample(due, None, free))
    return summarise(
        OpenLoop(rate, 60, 0), Window(tuple(samples), 0, free), None, None
    ).latency_growth


def test_figures_are_computed_from_samples() -> None:
    samples = [Sample(0, 1, second, 2161, 475) for second in range(1, 101)]
    samples += [Sample(0, None, 5, fault="it broke"), Sample(0, None, 6, fault="it broke")]
    found = summarise(ClosedLoop(4, 102), Window(tuple(samples), 0, 50), None, find_gpu("L4"))
    assert (found.load, found.pages, found.failures, found.faults) == (4, 100, 2, ("it broke",))
    assert found.pages_per_s == 2
    assert found.tokens_per_s == 950
    assert found.latency
    assert astuple(found.latency) == pytest.approx((50.5, 95.05, 99.01))
    assert found.first_token == Spread(1, 1, 1)
    assert found.usd_per_1000 == pytest.approx(500 * 0.000222)


def test_a_level_without_an_answer_has_no_latency_and_no_price() -> None:
    fault = Sample(0, None, 1, fault="refused")
    found = summarise(ClosedLoop(1, 1), Window((fault,), 0, 1), None, find_gpu("L4"))
    assert (found.pages, found.latency, found.usd_per_1000) == (0, None, None)


def test_tokens_that_were_not_counted_are_none() -> None:
    uncounted, counted = Sample(0, 1, 2), Sample(0, 1, 2, 2161, 475)
    found = summarise(ClosedLoop(1, 2), Window((uncounted, uncounted), 0, 2), None, None)
    assert (found.prompt_tokens, found.output_tokens, found.tokens_per_s) == (None, None, None)
    found = summarise(ClosedLoop(1, 2), Window((uncounted, counted), 0, 2), None, None)
    assert (found.prompt_tokens, found.output_tokens, found.tokens_per_s) == (2161, 475, 475)


def test_percentiles_of_one_answer_are_that_answer() -> None:
    found = summarise(ClosedLoop(1, 1), Window((Sample(0, 1, 3),), 0, 3), None, None)
    assert found.latency == Spread(3, 3, 3)
    assert found.usd_per_1000 is None


def test_the_knee_of_a_closed_loop_is_the_lowest_level_near_the_best_throughput() -> None:
    levels = [level(1, 10), level(2, 19), level(4, 30), level(8, 36), level(16, 38), level(32, 36)]
    found = knee(ClosedLoop, list(reversed(levels)))
    assert found is not None
    assert found.load == 8


def test_the_knee_of_an_open_loop_is_the_highest_rate_without_a_queue() -> None:
    levels = [level(0.5, 5, 2.0), level(1, 10, 2.4), level(2, 20, 4.0), level(3, 30, 4.1)]
    found = knee(OpenLoop, levels)
    assert found is not None
    assert found.load == 2


def test_without_an_answer_there_is_no_knee() -> None:
    assert knee(ClosedLoop, [level(1, 0)]) is None


def test_a_level_with_a_failed_page_does_not_count_for_the_knee() -> None:
    levels = [level(2, 10), level(4, 18), level(16, 40, failures=1)]
    found = knee(ClosedLoop, levels)
    assert found is not None
    assert found.load == 4
    assert knee(ClosedLoop, levels[2:]) is None
    assert knee(OpenLoop, [level(1, 10, failures=1)]) is None


def test_a_rate_with_growing_latency_is_not_the_knee() -> None:
    queues = [level(rate, 45, growth=rate / 4.5 - 1) for rate in (40, 80, 160)]
    assert knee(OpenLoop, queues) is None
    assert knee(OpenLoop, [level(1, 10, growth=None)]) is None
    found = knee(OpenLoop, [level(1, 10, 2.0), level(2, 20, 3.0), level(4, 35, 3.9, growth=0.2)])
    assert found is not None
    assert found.load == 2


def test_latency_grows_if_pages_arrive_faster_than_they_are_read() -> None:
    assert grown(0.1, rate=20) == pytest.approx(1.0, abs=0.05)
    assert grown(0.1, rate=5) == pytest.approx(0.0, abs=0.01)
    one = Window((Sample(1.0, None, 2.0),), 0, 2)
    assert summarise(OpenLoop(1, 1, 0), one, None, None).latency_growth is None
    assert summarise(ClosedLoop(1, 1), one, None, None).latency_growth is None
