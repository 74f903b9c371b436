import pytest

from lighton_ocr.catalog import find_gpu, find_model, gpus
from lighton_ocr.errors import UsageError
from lighton_ocr.planner import Estimate, budget, cheapest, estimate, fastest, parse_duration
from lighton_ocr.planner.budget import START_S

IDLE_S = 300.0


@pytest.fixture
def l4() -> Estimate:
    return estimate(find_model("1b"), find_gpu("L4"))


def test_one_container_takes_its_start_and_the_time_of_the_pages(l4: Estimate) -> None:
    found = budget(l4, 10_000, IDLE_S)
    assert found.containers == 1
    assert found.hours * 3600 == pytest.approx(START_S + 10_000 / l4.pages_per_s)
    assert found.usd == pytest.approx(found.hours * l4.gpu.price_per_hour)
    assert found.idle_usd == pytest.approx(IDLE_S * l4.gpu.price_per_second)


@pytest.mark.parametrize("deadline_s", [600.0, 3600.0, 8 * 3600.0])
def test_a_deadline_is_met_with_as_few_containers_as_possible(
    l4: Estimate, deadline_s: float
) -> None:
    found = budget(l4, 100_000, IDLE_S, deadline_s)
    assert found.hours * 3600 <= deadline_s
    one_less = found.containers - 1
    assert START_S + 100_000 / (one_less * l4.pages_per_s) > deadline_s


@pytest.mark.parametrize("deadline_s", [60, START_S + 0.5])
def test_a_deadline_before_the_first_page_is_refused(l4: Estimate, deadline_s: float) -> None:
    with pytest.raises(UsageError, match="deadline"):
        budget(l4, 1, IDLE_S, deadline_s)


def test_there_are_never_more_containers_than_pages(l4: Estimate) -> None:
    assert budget(l4, 10, IDLE_S, START_S + 1.01 / l4.pages_per_s).containers == 10


@pytest.mark.parametrize("deadline_s", [None, 2 * 3600.0])  # then two H200s beat one B200
def test_the_cheapest_and_the_fastest_budget_are_found(deadline_s: float | None) -> None:
    budgets = [
        budget(estimate(find_model("1b"), gpu), 100_000, IDLE_S, deadline_s) for gpu in gpus()
    ]
    assert cheapest(budgets).total_usd == min(found.total_usd for found in budgets)
    assert fastest(budgets).hours == min(found.hours for found in budgets)


@pytest.mark.parametrize(("text", "seconds"), [("45m", 2700), ("8h", 28800), ("1.5d", 129600)])
def test_durations_are_parsed(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["8", "h", "0h", "-1h", "8 hours", "", "9" * 400 + "d"])
def test_other_texts_are_not_durations(text: str) -> None:
    with pytest.raises(UsageError, match="write 45m, 8h or 2d"):
        parse_duration(text)
