import pytest

from lighton_ocr.catalog import find_gpu, gpus, sentence_list
from lighton_ocr.errors import UsageError


def test_gpus_are_sorted_by_price_and_priced_by_the_hour() -> None:
    prices = [gpu.price_per_hour for gpu in gpus()]
    assert prices == sorted(prices)
    assert find_gpu("L4").price_per_hour == pytest.approx(0.80, abs=0.005)
    assert find_gpu("H100").price_per_hour == pytest.approx(3.95, abs=0.005)


def test_gpus_are_found_by_alias_and_in_any_case() -> None:
    assert find_gpu("l4:1").name == "L4"
    assert find_gpu("A10G").name == "A10"
    with pytest.raises(UsageError, match="MAX_CONTAINERS"):
        find_gpu("L4:2")
    with pytest.raises(UsageError, match="Modal rents T4, L4"):
        find_gpu("RTX-4090")


def test_a_figure_is_called_measured_only_where_it_was() -> None:
    measured = [gpu.name for gpu in gpus() if gpu.evidence.vllm_limits == "measured"]
    assert measured == ["H200"]  # the one of benchmarks/results/gpu-study-h200*.json
    assert find_gpu("L4").evidence.specification == "published"
    assert find_gpu("RTX-PRO-6000").evidence.specification == "assumed"


@pytest.mark.parametrize(
    ("names", "sentence"),
    [(["L4"], "L4"), (["L4", "T4"], "L4 or T4"), (["H100", "H200", "B200"], "H100, H200 or B200")],
)
def test_names_are_joined_as_in_a_sentence(names: list[str], sentence: str) -> None:
    assert sentence_list(names, "or") == sentence
