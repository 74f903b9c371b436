import pytest

from lighton_ocr.catalog import find_gpu, find_model, gpus, models
from lighton_ocr.errors import UsageError


def test_the_family_is_complete_and_every_name_is_unique() -> None:
    names = [name.lower() for model in models() for name in model.names]
    assert len(models()) == 13
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("alias", "model"),
    [
        ("1b", "lightonai/LightOnOCR-1B-1025"),
        ("LightOnOCR-1B-32k", "lightonai/LightOnOCR-0.9B-32k-1025"),
        ("lightonai/lightonocr-1b-16k", "lightonai/LightOnOCR-0.9B-16k-1025"),
        ("3-0.8B", "lightonai/LightOnOCR-3-0.8B"),
        ("pocket", "lighton-ocr-pocket"),
    ],
)
def test_aliases_old_names_and_any_case_are_found(alias: str, model: str) -> None:
    assert find_model(alias).id == model


def test_published_scores_stand_under_the_right_columns() -> None:
    quality = find_model("1b").quality
    assert quality is not None
    assert (quality.old_scans_math, quality.tables, quality.old_scans) == (71.6, 76.4, 35.2)


def test_scores_and_files_are_not_inherited() -> None:
    assert find_model("2-1b-base").quality is None
    assert find_model("2-1b-base").gguf is None
    assert find_model("2-1b-base").edge == find_model("2-1b").edge


def test_every_edge_is_a_multiple_of_its_grid() -> None:
    assert all(model.edge % model.grid == 0 for model in models())


def test_an_unknown_model_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match=r"Did you mean .*2-1b"):
        find_model("2-1bb")


def test_gpus_are_sorted_by_price_and_priced_by_the_hour() -> None:
    prices = [gpu.price_per_hour for gpu in gpus()]
    assert prices == sorted(prices)
    assert find_gpu("L4").price_per_hour == pytest.approx(0.80, abs=0.005)
    assert find_gpu("H100").price_per_hour == pytest.approx(3.95, abs=0.005)


def test_gpu_spellings() -> None:
    assert find_gpu("l4:1").name == "L4"
    assert find_gpu("A10G").name == "A10"
    with pytest.raises(UsageError, match="MAX_CONTAINERS"):
        find_gpu("L4:2")
    with pytest.raises(UsageError, match="Modal rents T4, L4"):
        find_gpu("RTX-4090")
