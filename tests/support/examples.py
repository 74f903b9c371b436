"""The documents of examples/."""

from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
PLACE = "Port Ellery"  # in the letter
