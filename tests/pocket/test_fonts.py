from pathlib import Path

import pytest

pytest.importorskip("numpy")
tools = pytest.importorskip("fontTools.ttLib")
from fontTools.ttLib.tables.DefaultTable import DefaultTable  # noqa: E402
from pocket.fonts import select, select_mathematical  # noqa: E402


@pytest.fixture
def packages(data: Path, tmp_path: Path) -> Path:
    """Three weights of a family for text, and one font that can set formulas."""
    folder = tmp_path / "packages"
    folder.mkdir()
    names = {"Plain-Regular": "DejaVuSans", "Plain-Bold": "DejaVuSans-Bold", "Plain-Book": ""}
    for target, name in names.items():
        (folder / f"{target}.ttf").write_bytes(_file(data, name or "DejaVuSans").read_bytes())
    for target in ("Plain-Math", "Plain-MathBold"):
        with tools.TTFont(_file(data, "DejaVuSerif")) as font:
            font["MATH"] = table = DefaultTable("MATH")
            table.data = b"\0" * 10
            font.save(folder / f"{target}.ttf")
    return folder


def test_a_second_selection_adds_nothing(packages: Path, tmp_path: Path) -> None:
    target = tmp_path / "fonts"
    for _ in range(2):
        assert select([packages], target, most=2) == 2
        assert len([*target.iterdir()]) == 2


def test_formulas_get_the_fonts_that_can_set_them(packages: Path, tmp_path: Path) -> None:
    assert select_mathematical([packages], tmp_path / "fonts") == 1
    assert [path.name for path in (tmp_path / "fonts").iterdir()] == ["Plain-Math.ttf"]


def _file(data: Path, name: str) -> Path:
    return data / "fonts" / f"{name}.ttf"
