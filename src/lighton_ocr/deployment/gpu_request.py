"""The GPU that is requested from Modal, which may send another one."""

from dataclasses import dataclass, replace

from lighton_ocr.catalog import Gpu, find_gpu
from lighton_ocr.engines.vllm.engine import find_own_gpu
from lighton_ocr.errors import EngineFailed, UsageError


@dataclass(frozen=True)
class GpuRequest:
    """What the user typed, for Modal, and the catalog's GPU whose limits fit any card that comes.

    Modal may send a larger card for the same price: an H200 for `H100`, 80 GB for `A100`, a B300
    for `B200+`; `H100!` and `A100-40GB` forbid it. In a list (`L4,A10`), Modal sends the first
    that is free.
    """

    names: tuple[str, ...]
    card: Gpu

    @classmethod
    def parse(cls, text: str) -> "GpuRequest":
        """Read a GPU, or several with commas between them.

        Raises:
            UsageError: Modal has no such GPU, or they do not compute in the same precision.
        """
        names = tuple(name.strip() for name in text.split(","))
        cards = [find_gpu(name) for name in names]
        if len({card.bfloat16 for card in cards}) > 1:
            raise UsageError(
                f"GPU={text} mixes a T4, which has no bfloat16, with GPUs that have it: texts "
                "would differ from container to container. Leave the T4 out."
            )
        return cls(names, _most_limited(cards))

    @property
    def for_modal(self) -> str | list[str]:
        """The `gpu` argument of Modal's decorators."""
        return self.names[0] if len(self.names) == 1 else list(self.names)

    def billed(self, found: Gpu | None) -> Gpu:
        """Return the GPU at whose price Modal bills a container in which `found` is the card."""
        requested = [find_gpu(name) for name in self.names]
        return found if found in requested and found is not None else requested[0]

    def __str__(self) -> str:
        """Write what `parse` reads."""
        return ",".join(self.names)


def own_gpu() -> Gpu | None:
    """Return the catalog's GPU that is most like this container's; None if it cannot be asked."""
    try:
        return find_own_gpu()
    except EngineFailed:
        return None


def _most_limited(cards: list[Gpu]) -> Gpu:
    """Return the card with the least memory, with the lowest of all limits."""
    named = [card.attention_backend for card in cards if card.attention_backend]
    return replace(
        min(cards, key=lambda card: card.memory_gb),
        max_num_seqs=min(card.max_num_seqs for card in cards),
        max_num_batched_tokens=min(card.max_num_batched_tokens for card in cards),
        gpu_memory_utilization=min(card.gpu_memory_utilization for card in cards),
        api_servers=min(card.api_servers for card in cards),
        attention_backend=named[0] if named else None,
    )
