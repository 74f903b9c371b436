"""The GPU that is requested: the name goes to Modal, the limits fit whichever card comes."""

import pytest

from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.deployment.gpu_request import GpuRequest
from lighton_ocr.planner import estimate

# What Modal may send for a name: its documentation, see catalog/gpus.toml.
CARDS = {
    "H100": ("H100", "H200"),
    "H100!": ("H100",),
    "A100": ("A100-40GB", "A100-80GB"),
    "B200+": ("B200", "B300"),
    "L4,A10": ("L4", "A10"),
    "H200,L4": ("H200", "L4"),
}


@pytest.mark.parametrize("name", CARDS)
def test_the_name_goes_to_modal_as_it_was_typed(name: str) -> None:
    wanted = name.split(",")
    assert GpuRequest.parse(name).for_modal == (wanted if len(wanted) > 1 else name)
    assert str(GpuRequest.parse(name)) == name


@pytest.mark.parametrize(("name", "cards"), CARDS.items())
def test_the_limits_fit_every_card_that_may_come(name: str, cards: tuple[str, ...]) -> None:
    limits = GpuRequest.parse(name).card
    for card in map(find_gpu, cards):
        assert limits.memory_gb <= card.memory_gb
        assert limits.max_num_seqs <= card.max_num_seqs
        assert limits.max_num_batched_tokens <= card.max_num_batched_tokens
        assert limits.api_servers <= card.api_servers
        assert limits.bfloat16 == card.bfloat16
        if card.capability.startswith("10."):  # where vLLM would choose FlashInfer's attention
            assert limits.attention_backend == "FLASH_ATTN"
        assert estimate(find_model("3-4b"), limits).limits.capacity >= 1


def test_a_larger_card_costs_no_more_and_another_card_its_own_price() -> None:
    assert GpuRequest.parse("H100").billed(find_gpu("H200")).name == "H100"
    assert GpuRequest.parse("B200+").billed(find_gpu("B300")).name == "B200"
    assert GpuRequest.parse("L4,A10").billed(find_gpu("A10")).name == "A10"
    assert GpuRequest.parse("L4,A10").billed(None).name == "L4"
