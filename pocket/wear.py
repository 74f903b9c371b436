"""What printing, scanning and saving do to a page, on the GPU, fresh each time a page is used.

All functions take and give ink: (batch, 1, height, width) float, 0 paper and 1 full ink. A wear
strikes a random part of the batch, chosen on the CPU so that the GPU is never waited for.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
Wear = Callable[[Tensor], Tensor]
# Pictures that are no higher are lines of text, which go to their edges.
_LINES = 600


def _uniform(x: Tensor, low: float, high: float, channels: int = 1) -> Tensor:
    return torch.rand(len(x), channels, 1, 1, device=x.device) * (high - low) + low


def _number(low: float, high: float) -> float:
    return low + (high - low) * torch.rand(()).item()


def skew(x: Tensor) -> Tensor:
    """Turned by up to 1.5 degrees, scaled by up to 3 %, as a sheet lies in a scanner."""
    height, width = x.shape[2:]
    angle = _uniform(x, -1.5, 1.5).flatten() * math.pi / 180
    scale = 1 / _uniform(x, 0.95, 1.01).flatten()
    cosine, sine, zero = scale * angle.cos(), scale * angle.sin(), torch.zeros_like(angle)
    rows = (cosine, -sine * height / width, zero, sine * width / height, cosine, zero)
    grid = F.affine_grid(torch.stack(rows, 1).view(-1, 2, 3), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", align_corners=False)


def shift(x: Tensor) -> Tensor:
    """Moved by up to 8 pixels each way: each use shows a page's letters in other patches."""
    height, width = x.shape[2:]
    moves = torch.randint(-8, 9, (len(x), 2, 1), device=x.device)
    rows, columns = (
        torch.arange(size, device=x.device) + moves[:, axis]
        for axis, size in enumerate((height, width))
    )
    pages = torch.arange(len(x), device=x.device)[:, None, None]
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[
        :, None
    ]
    moved = x[pages, 0, rows.clamp(0, height - 1)[:, :, None], columns.clamp(0, width - 1)[:, None]]
    return (moved * inside)[:, None]


def perspective(x: Tensor) -> Tensor:
    """Seen a little from aside, as a page is photographed; all of it stays in the picture."""
    aside = _uniform(x, -0.05, 0.05, 2)
    straight = torch.eye(2, 3, device=x.device).expand(len(x), 2, 3)
    grid = F.affine_grid(straight, list(x.shape), align_corners=False)
    depth = 1 + grid @ aside.view(-1, 1, 2, 1)
    nearest = 1 + aside.abs().sum(1, keepdim=True)
    return F.grid_sample(x, grid * nearest / depth, mode="bilinear", align_corners=False)


def low_resolution(x: Tensor) -> Tensor:
    """Captured with fewer pixels, then enlarged."""
    share = _number(0.55, 0.95)
    size = (round(x.shape[2] * share), round(x.shape[3] * share))
    small = F.interpolate(x, size, mode="bilinear", antialias=True)
    return F.interpolate(small, x.shape[2:], mode="bicubic").clamp(0, 1)


def blur(x: Tensor) -> Tensor:
    sigma = _number(0.4, 1.0)
    taps = torch.exp(-0.5 * (torch.arange(-2, 3, device=x.device) / sigma) ** 2)
    taps = (taps / taps.sum()).to(x.dtype)
    return F.conv2d(
        F.conv2d(x, taps.view(1, 1, 1, 5), padding=(0, 2)), taps.view(1, 1, 5, 1), padding=(2, 0)
    )


def spread(x: Tensor) -> Tensor:
    """Ink that ran (mixed with its 3 x 3 maximum) or wore thin (with its minimum)."""
    amount = _uniform(x, 0, 0.5)
    if torch.rand(()) < 0.6:
        return x.lerp(F.max_pool2d(x, 3, 1, 1), amount)
    return x.lerp(-F.max_pool2d(-x, 3, 1, 1), amount * 0.6)


def fax(x: Tensor) -> Tensor:
    """Black and white, with specks."""
    return (x + 0.12 * torch.randn_like(x) > _uniform(x, 0.35, 0.6)).to(x.dtype)


def dither(x: Tensor) -> Tensor:
    """Ordered dithering of a page whose paper is not quite white (Bayer, 4 x 4)."""
    bayer = torch.tensor(
        [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], device=x.device
    )
    repeats = (-(-x.shape[2] // 4), -(-x.shape[3] // 4))
    threshold = ((bayer + 0.5) / 16).repeat(repeats)[: x.shape[2], : x.shape[3]]
    return (x * 0.85 + _uniform(x, 0.0, 0.15) > threshold).to(x.dtype)


def jpeg(x: Tensor) -> Tensor:
    """JPEG's loss: the cosine transform of 8 x 8 blocks, rounded to the luminance table."""
    height, width = x.shape[2:]
    k = torch.arange(8, device=x.device).float()
    basis = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) * 0.5
    basis[0] *= math.sqrt(0.5)
    coarse = 1 + k[:, None] + k[None]  # close to the standard's table, times 12
    quantum = coarse * 12 / 255 * _uniform(x, 0.4, 2.5)[..., None, None]
    padded = F.pad(x, (0, -width % 8, 0, -height % 8))
    blocks = padded.unfold(2, 8, 8).unfold(3, 8, 8)
    coefficients = basis @ blocks @ basis.T
    blocks = basis.T @ ((coefficients / quantum).round() * quantum) @ basis
    whole = blocks.permute(0, 1, 2, 4, 3, 5).reshape(padded.shape)
    return whole[:, :, :height, :width].clamp(0, 1)


def shade(x: Tensor) -> Tensor:
    """Uneven light: a slope across the page."""
    down = torch.linspace(0, 1, x.shape[2], device=x.device).view(1, 1, -1, 1)
    across = torch.linspace(0, 1, x.shape[3], device=x.device).view(1, 1, 1, -1)
    slope = down * _uniform(x, -0.25, 0.25) + across * _uniform(x, -0.25, 0.25)
    return (x + slope.clamp(min=0)).clamp(0, 1)


_WEARS: tuple[tuple[Wear, float], ...] = (
    (skew, 0.25),
    (perspective, 0.07),
    (spread, 0.2),
    (low_resolution, 0.15),
    (blur, 0.15),
    (shade, 0.1),
    (jpeg, 0.15),
    (dither, 0.02),
    (fax, 0.05),
)


def worn(ink: Tensor, clean: float = 0.35) -> Tensor:
    """Wear uint8 ink (batch, height, width); about the share `clean` is left as drawn."""
    x = ink[:, None].float() / 255
    if x.shape[2] > _LINES:
        x = shift(x)
    open_to_wear = torch.rand(len(x)) >= clean
    for wear, share in _WEARS:
        chosen = torch.nonzero(open_to_wear & (torch.rand(len(x)) < share / (1 - clean))).flatten()
        if len(chosen):
            chosen = chosen.to(x.device, non_blocking=True)
            x[chosen] = wear(x[chosen])
    return x


def coloured(x: Tensor) -> Tensor:
    """Ink to normalised pixels (batch, 3, height, width), in colour, with noise."""
    reverse = (_uniform(x, 0, 1) < 0.05).float()
    plain = (_uniform(x, 0, 1) < 0.4).float()
    paper = 1 - (1 - plain) * (_uniform(x, 0, 1) ** 3 * 0.3 + _uniform(x, 0, 1, 3) ** 2 * 0.12)
    print_ = (1 - plain) * (_uniform(x, 0, 1) ** 2 * 0.4 + _uniform(x, 0, 1, 3) ** 3 * 0.25)
    low = (1 - reverse) * paper + reverse * print_ * 0.6
    high = (1 - reverse) * print_ + reverse * paper
    pixels = low + (high - low) * x
    noisy = (_uniform(x, 0, 1) < 0.3).float() * _uniform(x, 0, 0.1)
    pixels = (pixels + noisy * torch.randn_like(x)).clamp(0, 1)
    mean = torch.tensor(MEAN, device=x.device).view(1, 3, 1, 1)
    deviation = torch.tensor(DEVIATION, device=x.device).view(1, 3, 1, 1)
    return (pixels - mean) / deviation
