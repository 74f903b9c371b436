import random
from pathlib import Path

import pytest

pytest.importorskip("numpy")
pytest.importorskip("typst")
pytest.importorskip("fontTools")
from pocket.drawing.press import Press
from pocket.drawing.typefaces import Face, Typefaces
from pocket.fonts import select


def test_a_face_is_of_a_family_that_there_is(data: Path):
    press = Press(data / "fonts")
    faces, rng = Typefaces(press), random.Random(0)
    chosen = [faces.body(rng) for _ in range(60)]
    assert {face.family for face in chosen} <= press.families
    assert {"DejaVu Sans", "DejaVu Serif"} <= {face.family for face in chosen}
    assert faces.monospaced(rng) in press.families


def test_weight_and_width_are_named_where_they_are_not_the_usual_ones():
    assert Face("A").markup == 'font: "A"'
    assert Face("A", 300, 0.75).markup == 'font: "A", weight: 300, stretch: 75%'


def test_fonts_are_cut_down_and_none_is_taken_twice(data: Path, tmp_path: Path):
    known = len(list((data / "fonts").glob("*.ttf")))
    assert select([data / "fonts", data / "fonts"], tmp_path) == known
    for path in tmp_path.glob("*.ttf"):
        assert path.stat().st_size < (data / "fonts" / path.name).stat().st_size
