"""Stored readings of the pocket model against pages that we set ourselves."""

import pytest
from benchmarks.own_text import cases_of, stored
from benchmarks.own_text_damages import DAMAGES, Case
from benchmarks.own_text_scores import score

from lighton_ocr.reading.own_text import correct_text, uncorrected

# A page of each kind, in six languages.
CASES = cases_of(list({one.kind: one for one in stored()}.values()))
NAMES = [f"{case.reading.kind}-{case.reading.language}" for case in CASES]


def corrected(case: Case, damage: str) -> str:
    reading = case.reading
    checked = correct_text(reading.text, DAMAGES[damage](case), reading.unsure)
    assert uncorrected(checked.text, checked.check.corrections) == reading.text
    return checked.text


def test_true_layers_take_away_three_of_four_wrong_characters() -> None:
    before = [score(case.reading.text, case.truth) for case in CASES]
    after = [score(corrected(case, "true"), case.truth) for case in CASES]
    edits = sum(one.aligned_edits for one in before)
    assert edits > 20
    assert sum(one.aligned_edits for one in after) <= edits / 4
    assert all(new.same >= old.same for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
@pytest.mark.parametrize("damage", [name for name in DAMAGES if "lies" not in name])
def test_no_damaged_layer_takes_a_right_word(case: Case, damage: str) -> None:
    before = score(case.reading.text, case.truth)
    assert score(corrected(case, damage), case.truth).same >= before.same
