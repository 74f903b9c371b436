"""List prices of hosted OCR services, each with its source and date."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

# Assumed for a page image; each vision model counts its own way.
IMAGE_TOKENS = 1500


@dataclass(frozen=True)
class Service:
    """One hosted service, with its price in US dollars: per 1,000 pages, or per million tokens.

    `unsure` marks a price with a single weak or undated source.
    """

    name: str
    source: str
    date: str
    usd_per_1000_pages: float | None = None
    usd_per_m_in: float = 0.0
    usd_per_m_out: float = 0.0
    note: str = ""
    unsure: bool = False

    def usd_per_1000(self, tokens: int) -> float:
        """Return the US dollars for 1,000 pages of `tokens` output tokens each.

        For a price per token: (1500 x input price + tokens x output price) / 1000.
        """
        if self.usd_per_1000_pages is not None:
            return self.usd_per_1000_pages
        return (IMAGE_TOKENS * self.usd_per_m_in + tokens * self.usd_per_m_out) / 1000


@cache
def services() -> tuple[Service, ...]:
    """Return all services in the order of the file."""
    text = resources.files(__package__).joinpath("hosted.toml").read_text("utf-8")
    return tuple(Service(**row) for row in tomllib.loads(text)["service"])
