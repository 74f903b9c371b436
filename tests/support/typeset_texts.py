"""What the pages of `typeset_pages` say, in nine languages."""

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Language:
    """Words and sentences of one language; sentences have fields such as `{number}`."""

    first_names: list[str]
    last_names: list[str]
    streets: list[str]
    towns: list[str]
    items: list[str]
    titles: list[str]
    headings: list[str]
    sentences: list[str]
    date: str
    reference: str
    greeting: str
    farewell: str
    invoice: str
    item: str
    quantity: str
    price: str
    amount: str
    total: str
    form: str
    full_name: str
    address: str
    place: str
    phone: str

    def name(self, rng: random.Random) -> str:
        """Return a person's name."""
        return f"{rng.choice(self.first_names)} {rng.choice(self.last_names)}"

    def street(self, rng: random.Random) -> str:
        """Return a street with a number."""
        return f"{rng.choice(self.streets)} {rng.randint(1, 199)}"

    def town(self, rng: random.Random) -> str:
        """Return a town with its postal code."""
        return f"{rng.randint(1000, 99_999)} {rng.choice(self.towns)}"


LANGUAGES = {
    code: Language(**values)
    for code, values in tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text("utf-8")
    ).items()
}
