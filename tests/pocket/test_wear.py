import pytest

torch = pytest.importorskip("torch")
from pocket.wear import (  # noqa: E402
    _WEARS,
    DEVIATION,
    MEAN,
    coloured,
    perspective,
    shift,
    worn,
)

from pocket import wear  # noqa: E402


@pytest.fixture
def marks():
    """Pages with a mark near each corner and stripes between."""
    torch.manual_seed(1)
    ink = torch.zeros(16, 1, 120, 90)
    for row in (2, 114):
        for column in (2, 84):
            ink[:, :, row : row + 4, column : column + 4] = 1
    ink[:, :, 20:100:6, 10:80] = 1
    return ink


@pytest.mark.parametrize("worn_by", [each for each, _ in _WEARS], ids=lambda each: each.__name__)
def test_a_wear_changes_a_page_and_keeps_it_legible(worn_by, marks):
    after = worn_by(marks.clone())
    assert after.shape == marks.shape
    assert after.min() >= -0.01
    assert after.max() <= 1.01
    assert not torch.allclose(after, marks, atol=1e-3)
    inside = after[:, :, 30:90, 20:70].flatten(1)
    assert (inside.amax(1) - inside.amin(1) > 0.3).all()  # stripes are still stripes


def test_perspective_shows_one_side_nearer_and_loses_no_corner():
    torch.manual_seed(2)
    sheet = torch.zeros(64, 1, 120, 90)
    for row in (0, 116):
        for column in (0, 86):
            sheet[:, :, row : row + 4, column : column + 4] = 1
    after = perspective(sheet)
    for rows in (slice(0, 20), slice(100, 120)):
        for columns in (slice(0, 15), slice(75, 90)):
            assert (after[:, :, rows, columns].sum((1, 2, 3)) > 8).all()  # of 16
    seen = perspective(torch.ones_like(sheet))
    top, foot = seen[:, 0, 15].sum(1), seen[:, 0, 105].sum(1)
    assert ((top - foot).abs() > 1).float().mean() > 0.5


def test_a_shift_moves_each_page_by_itself_and_leaves_its_pixels_as_they_are():
    torch.manual_seed(3)
    sheet = torch.zeros(32, 1, 120, 90)
    sheet[:, :, 40:60, 30:50] = torch.rand(32, 1, 20, 20)
    after = shift(sheet)
    assert torch.allclose(after.sum((1, 2, 3)), sheet.sum((1, 2, 3)))
    places = {tuple(page[0].nonzero()[0].tolist()) for page in after}
    assert len(places) > 10
    assert all(32 <= row <= 48 and 22 <= column <= 38 for row, column in places)


def test_whole_pages_are_shifted(marks, monkeypatch):
    ink = (torch.nn.functional.pad(marks[:, 0], (0, 0, 0, 600)) * 255).to(torch.uint8)
    monkeypatch.setattr(wear, "_WEARS", ())
    assert not torch.equal(worn(ink)[:, 0], ink.float() / 255)


def test_clean_pages_stay_as_they_were_drawn(marks):
    ink = (marks[:, 0] * 255).to(torch.uint8)
    assert torch.equal(worn(ink, clean=1 - 1e-9), marks)
    assert not torch.equal(worn(ink, clean=0.0), marks)


def test_ink_becomes_the_pixels_that_the_model_expects(marks):
    pixels = coloured(marks)
    assert pixels.shape == (16, 3, 120, 90)
    mean, deviation = (torch.tensor(x).view(3, 1, 1) for x in (MEAN, DEVIATION))
    seen = pixels * deviation + mean
    assert seen.min() >= -1e-5
    assert seen.max() <= 1 + 1e-5
    spread = (seen.amax((2, 3)) - seen.amin((2, 3))).amax(1)
    assert (spread > 0.1).all()  # in each colour there is something to see
