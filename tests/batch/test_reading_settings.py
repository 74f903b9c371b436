"""Which changes make a batch read its pages again."""

from dataclasses import replace

import pytest

from lighton_ocr.batch.reading_settings import ReadingSettings
from lighton_ocr.catalog import find_model
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import Fallback, PageBudget

ENDPOINT = Endpoint("http://x/v1", find_model("1b"), "x", software="vllm", precision="bf16")
SETTINGS = ReadingSettings.of(ENDPOINT)
POLICY = SETTINGS.policy


@pytest.mark.parametrize(
    "changed",
    [
        ReadingSettings.of(replace(ENDPOINT, model=find_model("2-1b"))),
        ReadingSettings.of(replace(ENDPOINT, software="llama.cpp", precision="Q8_0")),
        ReadingSettings.of(replace(ENDPOINT, precision="fp16")),
        ReadingSettings.of(ENDPOINT, "jpeg"),
        ReadingSettings.of(ENDPOINT, budget=PageBudget(seconds=60)),
        ReadingSettings.of(ENDPOINT, own_text="correct"),
        replace(SETTINGS, policy=replace(POLICY, after_loop=(Fallback(temperature=0.9),))),
        replace(SETTINGS, policy=replace(POLICY, cuts=1)),
        replace(SETTINGS, policy=replace(POLICY, boxes="layout")),
    ],
)
def test_a_change_of_what_decides_the_text_changes_the_settings(changed: ReadingSettings) -> None:
    assert changed.to_json() != SETTINGS.to_json()


def test_another_address_or_key_does_not_change_the_settings() -> None:
    elsewhere = replace(ENDPOINT, base_url="http://y/v1", served_name="y", api_key="k", slots=4)
    assert ReadingSettings.of(elsewhere).to_json() == SETTINGS.to_json()


def test_the_description_is_one_readable_line() -> None:
    budget = PageBudget(seconds=90)
    assert ReadingSettings.of(ENDPOINT, "jpeg", budget).description == (
        "lightonai/LightOnOCR-1B-1025 on vllm bf16, jpeg, edge 1540, temperature 0.2, "
        "at most 90 s a page"
    )
    unknown = replace(ENDPOINT, software=None, precision=None)
    assert ReadingSettings.of(unknown).description.startswith("lightonai/LightOnOCR-1B-1025, png")
