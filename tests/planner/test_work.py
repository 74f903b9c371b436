import pytest

from lighton_ocr.catalog import Model, find_model, models
from lighton_ocr.planner.work import (
    decoder_parameters,
    encoder_parameters,
    kv_bytes_per_token,
    page_work,
)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.id)
def test_each_shape_has_the_published_number_of_parameters(model: Model) -> None:
    counted = encoder_parameters(model.shape.encoder) + decoder_parameters(model.shape.decoder)
    counted += model.vocabulary * model.shape.decoder.hidden
    # What is not counted, projector and patch embedding, is a larger part of the pocket model.
    share = 0.94 if model.id == "lighton-ocr-pocket" else 0.98
    assert share < counted / (model.parameters_m * 1e6) <= 1


def test_the_work_of_an_a4_page_is_as_counted_by_hand_and_measured() -> None:
    work = page_work(find_model("1b"), 475)
    assert (work.image_tokens, work.prompt_tokens) == (2145, 2161)  # vLLM's usage gives 2161
    assert work.encoder_flop == pytest.approx(6.9e12 + 7.2e12, rel=0.01)
    # Attention of prompt and answer comes to the 1.9 TFLOP of weights, and 0.6 of decoding.
    assert work.prefill_flop == pytest.approx(1.9e12 + 0.54e12, rel=0.01)
    assert work.decode_flop == pytest.approx(475 * (1.19e9 + 0.55e9), rel=0.01)
    assert kv_bytes_per_token(find_model("1b").shape.decoder) == 112 * 1024
    assert work.decode_bytes == pytest.approx(131e9, rel=0.01)


def test_hybrid_decoders_have_a_smaller_cache_and_a_state() -> None:
    small = page_work(find_model("3-0.8b"), 475)
    same = page_work(find_model("3-1b"), 475)
    assert small.cache_bytes < same.cache_bytes
    assert small.cache_bytes - 12 * 1024 * (small.prompt_tokens + 475) == 18 * 2**20


@pytest.mark.parametrize("model", models(), ids=lambda model: model.id)
def test_more_tokens_are_more_work(model: Model) -> None:
    less, more = page_work(model, 200), page_work(model, 800)
    assert more.flop > less.flop
    assert more.decode_bytes > 4 * less.decode_bytes
    assert more.encoder_flop == less.encoder_flop
