"""Muon for the matrices, AdamW for the rest, without a single wait for the GPU.

Muon (Keller Jordan, 2024) replaces a matrix's momentum by the nearest orthogonal matrix, here with
the five-step polynomial of "Polar Express" (Amsel and others, 2025). Matrices of one size are
stacked, so a step is a few dozen launches whatever the number of layers. A step whose gradient is
not finite changes nothing, and that too is decided on the GPU.
"""

from collections import defaultdict
from typing import Any

import torch
from torch import Tensor, nn

_POLYNOMIAL = (
    (4.0848, -6.8946, 2.9270),
    (3.9505, -6.3029, 2.6377),
    (3.7418, -5.5913, 2.3037),
    (2.8769, -3.1427, 1.2046),
    (2.8366, -3.0525, 1.2012),
)


def orthogonal(stack: Tensor) -> Tensor:
    """The nearest orthogonal matrix of each matrix in a stack (number, rows, columns)."""
    x = stack.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) * 1.02 + 1e-6)
    for a, b, c in _POLYNOMIAL:
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


class Optimizer:
    """One optimiser for a whole model; `step` returns the gradient's norm, on the device."""

    momentum = 0.95
    decay = 0.06

    def __init__(self, model: nn.Module, matrix_rate: float, other_rate: float) -> None:
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.rates = (matrix_rate, other_rate)
        groups: dict[tuple[int, ...], list[Tensor]] = defaultdict(list)
        others = []
        for name, weight in model.named_parameters():
            if weight.dim() == 2 and "embed" not in name:
                groups[tuple(weight.shape)].append(weight)
            else:
                others.append(weight)
        self.groups = list(groups.values())
        self.buffers = [torch.zeros_like(torch.stack(group)) for group in self.groups]
        self.adam = torch.optim.AdamW(
            others, lr=other_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True
        )
        self.skipped = torch.zeros((), device=others[0].device)

    @torch.no_grad()
    def step(self, scale: float) -> Tensor:
        """Apply the gradients at `scale` times the learning rates, and clear them."""
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        finite = torch.isfinite(norm)
        torch._foreach_mul_(gradients, (1.0 / norm.clamp(min=1.0)).nan_to_num(0.0))
        for group, buffer in zip(self.groups, self.buffers, strict=True):
            self._step_matrices(group, buffer, finite, self.rates[0] * scale)
        self.adam.param_groups[0]["lr"] = self.rates[1] * scale
        # The fused kernel leaves weights and moments alone where this says so.
        self.adam.found_inf = (~finite).float()  # type: ignore[attr-defined]
        self.adam.step()
        self.skipped += (~finite).float()
        for weight in self.parameters:
            weight.grad = None
        return norm

    def _step_matrices(
        self, group: list[Tensor], buffer: Tensor, finite: Tensor, rate: float
    ) -> None:
        gradient = torch.stack([weight.grad for weight in group])  # type: ignore[misc]
        gradient = torch.where(finite, gradient, buffer)
        buffer.lerp_(gradient, 1 - self.momentum)
        change = orthogonal(gradient.lerp(buffer, self.momentum)).float()
        rows, columns = change.shape[1:]
        change = torch.where(finite, change * -rate * max(1.0, rows / columns) ** 0.5, 0.0)
        keep = 1 - finite * rate * self.decay
        torch._foreach_mul_(group, keep)
        torch._foreach_add_(group, list(change.unbind()))

    def state_dict(self) -> dict[str, Any]:
        return {"buffers": self.buffers, "adam": self.adam.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for mine, stored in zip(self.buffers, state["buffers"], strict=True):
            mine.copy_(stored)
        self.adam.load_state_dict(state["adam"])
