"""Letters of one width, from the gaps between them."""

import pytest

from lighton_ocr.layout.letter_gaps import pitch_of

STEPS = (0.0, 0.94, 0.88, 0.67, 1.1, 1.08, 1.0, 1.0, 1.67, 1.88)  # of "Producing Documents"


@pytest.mark.parametrize(("width", "is_monospaced"), [(22, False), (18, True)])
def test_several_letters_that_touch_are_no_wide_letter(width: int, is_monospaced: bool) -> None:
    places = [round(24 * sum(STEPS[: index + 1])) for index in range(len(STEPS))]
    pitch, found = pitch_of([(place, place + width) for place in places], 26)
    assert found == is_monospaced
    assert pitch == (24 if is_monospaced else 13)
