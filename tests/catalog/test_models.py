import pytest

from lighton_ocr.catalog import find_model, models
from lighton_ocr.errors import UsageError


def test_all_models_are_listed_and_every_name_is_unique() -> None:
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
def test_models_are_found_by_aliases_and_old_names_in_any_case(alias: str, model: str) -> None:
    assert find_model(alias).id == model


def test_published_scores_are_in_the_right_columns() -> None:
    quality = find_model("1b").quality
    assert quality is not None
    assert (quality.old_scans_math, quality.tables, quality.old_scans) == (71.6, 76.4, 35.2)


def test_scores_and_files_are_not_inherited() -> None:
    assert find_model("2-1b-base").quality is None
    assert find_model("2-1b-base").gguf is None
    assert find_model("2-1b-base").edge == find_model("2-1b").edge


def test_every_edge_is_a_multiple_of_its_grid() -> None:
    assert all(model.edge % model.grid == 0 for model in models())


def test_an_unknown_model_is_refused_with_similar_names() -> None:
    with pytest.raises(UsageError, match=r"Did you mean .*2-1b"):
        find_model("2-1bb")


def test_the_name_of_a_fine_tune_is_answered_with_what_to_name_instead() -> None:
    with pytest.raises(UsageError, match=r"name the checkpoint that it comes from: --model 2-1b"):
        find_model("acme/LightOnOCR-2-1B-invoices")


@pytest.mark.parametrize("name", ["gpt4", "gpt-4o", "qwen"])
def test_another_family_is_told_what_there_is(name: str) -> None:
    with pytest.raises(UsageError, match=r"only with LightOnOCR models, such as pocket"):
        find_model(name)


@pytest.mark.parametrize("name", ["pocket", "1b", "3-0.8b"])
def test_an_image_and_its_answer_share_the_context(name: str) -> None:
    model = find_model(name)
    columns, rows = 10, model.edge // model.grid
    image = columns * model.grid, model.edge
    assert model.image_tokens(*image) == columns * rows
    assert model.max_answer_tokens(*image) == model.context - columns * rows - 64
