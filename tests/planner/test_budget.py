import pytest

from lighton_ocr.catalog import find_gpu, find_model, gpus
from lighton_ocr.catalog.hosted import services
from lighton_ocr.errors import UsageError
from lighton_ocr.planner import Estimate, budget, cheapest, estimate, fastest, parse_duration
from lighton_ocr.planner.budget import START_S

IDLE_S = 300.0


@pytest.fixture
def l4() -> Estimate:
    return estimate(find_model("1b"), find_gpu("L4"))


def test_one_container_takes_its_start_and_the_pages(l4: Estimate) -> None:
    found = budget(l4, 10_000, IDLE_S)
    assert found.containers == 1
    assert found.hours * 3600 == pytest.approx(START_S + 10_000 / l4.pages_per_s)
    assert found.usd == pytest.approx(found.hours * l4.gpu.price_per_hour)
    assert found.idle_usd == pytest.approx(IDLE_S * l4.gpu.price_per_second)


@pytest.mark.parametrize("deadline_s", [600.0, 3600.0, 8 * 3600.0])
def test_a_deadline_is_met_with_no_container_too_many(l4: Estimate, deadline_s: float) -> None:
    found = budget(l4, 100_000, IDLE_S, deadline_s)
    assert found.hours * 3600 <= deadline_s
    one_less = found.containers - 1
    assert START_S + 100_000 / (one_less * l4.pages_per_s) > deadline_s


@pytest.mark.parametrize("deadline_s", [60, START_S + 0.5])
def test_a_deadline_before_a_page_is_read_is_refused(l4: Estimate, deadline_s: float) -> None:
    with pytest.raises(UsageError, match="deadline"):
        budget(l4, 1, IDLE_S, deadline_s)


def test_there_are_never_more_containers_than_pages(l4: Estimate) -> None:
    assert budget(l4, 10, IDLE_S, START_S + 1.01 / l4.pages_per_s).containers == 10


@pytest.mark.parametrize("deadline_s", [None, 2 * 3600.0])  # then two H200s beat one B200
def test_the_choice_is_the_least_money_and_the_least_time(deadline_s: float | None) -> None:
    all_of_them = [
        budget(estimate(find_model("1b"), gpu), 100_000, IDLE_S, deadline_s) for gpu in gpus()
    ]
    assert cheapest(all_of_them).total_usd == min(found.total_usd for found in all_of_them)
    assert fastest(all_of_them).hours == min(found.hours for found in all_of_them)


@pytest.mark.parametrize(("text", "seconds"), [("45m", 2700), ("8h", 28800), ("1.5d", 129600)])
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["8", "h", "0h", "-1h", "8 hours", "", "9" * 400 + "d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError, match="write 45m, 8h or 2d"):
        parse_duration(text)


def test_hosted_prices_are_by_the_page_or_by_the_token() -> None:
    by_name = {service.name: service for service in services()}
    assert by_name["Mistral OCR 4"].usd_per_1000(475) == by_name["Mistral OCR 4"].usd_per_1000(1)
    flash = by_name["Gemini 3.8 Flash"]
    assert flash.usd_per_1000(500) == pytest.approx(3.00)
    assert all(service.source and service.date for service in services())
