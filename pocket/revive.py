"""Wake hidden units that have died.

A unit of a gated block is three vectors: two rows that gate and fill it, and a column that it adds
to the stream. The gradient of each is scaled by the other two. So when all three are small, weight
decay shrinks them faster than gradients can restore them, and the unit is lost for good.
"""

import torch
from torch import Tensor, nn

from pocket.model import GatedLinear

# A unit counts as dead below this share of its block's mean strength: a hundredth in each vector.
DEAD = 1e-6


def dead(block: GatedLinear) -> Tensor:
    """Which hidden units can add next to nothing, whatever the input."""
    gate, up = block.gate_proj.weight.norm(dim=1), block.up_proj.weight.norm(dim=1)
    strength = gate * up * block.down_proj.weight.norm(dim=0)
    lost: Tensor = strength < DEAD * strength.mean()
    return lost


@torch.no_grad()
def revive(model: nn.Module) -> int:
    """Give all dead units fresh weights, and return their number.

    The rows are drawn at the scale of the living ones; the column is zero, so the model's output is
    what it was, and the column is the first to learn.
    """
    count = 0
    for block in model.modules():
        if isinstance(block, GatedLinear) and (lost := dead(block)).any():
            for rows in (block.gate_proj.weight, block.up_proj.weight):
                rows[lost] = torch.randn_like(rows[lost]) * rows[~lost].std()
            block.down_proj.weight[:, lost] = 0
            count += int(lost.sum())
    return count
