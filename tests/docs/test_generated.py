from pathlib import Path

import pytest
from tools.docs import generate

from tests.support.markdown import PAGES


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_generated_parts_are_up_to_date(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == generate.fill(text), "run `make docs`"


def test_every_part_is_used() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    used = {found[1] for found in generate.PART.findall(text)}
    assert used == set(generate.PARTS)


def test_the_help_fits_into_eighty_columns() -> None:
    assert max(map(len, generate.command_help().splitlines())) <= 80


def test_the_help_of_a_command_in_a_group_has_its_options() -> None:
    section = generate.command_help().partition("## lighton-ocr bench speed\n")[2]
    assert "--concurrency" in section


def test_the_monthly_price_follows_from_the_hourly_one() -> None:
    (row,) = [line for line in generate.costs().splitlines() if line.startswith("| `L4`")]
    hour, *months = row.split(" | ")[2:6]
    assert hour == "$0.80"
    assert months == ["$24", "$96", "$575"]
