"""Shards of a batch end long before their container's timeout, on every GPU."""

import pytest

from lighton_ocr.catalog import Gpu, Model, gpus, models
from lighton_ocr.deployment.shard_limits import (
    MAX_PAGES,
    MAX_TIMEOUT_S,
    SAFETY,
    SHARDS_AT_A_TIME,
    shard_pages,
    shard_timeout_s,
)
from lighton_ocr.planner import estimate

HUB_MODELS = [model for model in models() if "/" in model.id]


@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
@pytest.mark.parametrize("model", HUB_MODELS, ids=lambda model: model.aliases[0])
def test_the_timeout_is_a_multiple_of_the_estimate(model: Model, gpu: Gpu) -> None:
    pages = SHARDS_AT_A_TIME * shard_pages(model)
    needed = SAFETY * pages / estimate(model, gpu).pages_per_s
    assert needed <= shard_timeout_s(model, gpu) <= MAX_TIMEOUT_S
    assert 1 <= shard_pages(model) <= MAX_PAGES


def test_a_model_that_is_slow_everywhere_gets_smaller_shards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow = max(HUB_MODELS, key=lambda model: shard_timeout_s(model, gpus()[0]))
    monkeypatch.setattr("lighton_ocr.deployment.shard_limits.MAX_TIMEOUT_S", 3600)
    assert shard_pages(slow) < MAX_PAGES
    assert shard_timeout_s(slow, gpus()[0]) <= 3600
