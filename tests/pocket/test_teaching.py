import pytest

np = pytest.importorskip("numpy")
from pocket.teaching import IGNORED, lesson, stuttered  # noqa: E402


def test_after_a_stutter_the_target_is_what_the_page_says_next():
    row = np.arange(10, 60)
    rng = np.random.default_rng(0)
    for _ in range(200):
        said, wanted = stuttered(rng, row, 90)
        assert len(said) == len(wanted) <= 90
        assert (wanted[wanted != IGNORED] == row).all()
        at = int(np.argmax(wanted == IGNORED))
        repeated = int((wanted == IGNORED).sum())
        assert repeated >= 3
        length = int(said[at - 1] - said[at] + 1)
        assert repeated % length == 0
        assert (said[at : at + length] == said[at - length : at]).all()
        assert said[at + repeated] == said[at - 1] + 1


def test_a_page_without_room_is_left_as_it_is():
    row = np.arange(20)
    said, wanted = stuttered(np.random.default_rng(0), row, 20)
    assert (said == row).all()
    assert (wanted == row).all()


def test_a_lesson_wants_the_transcripts_and_gives_few_wrong_words():
    rng = np.random.default_rng(1)
    lengths = rng.integers(20, 400, 64).astype(np.int32)
    tokens = rng.integers(7, 8000, (64, 512)).astype(np.uint16)
    given, wanted = lesson(rng, tokens, lengths, 8192)
    assert given.shape[1] == wanted.shape[1] - 1
    for row, length, target in zip(tokens, lengths, wanted, strict=True):
        assert (target[target != IGNORED] == row[:length]).all()
    meant = wanted[:, :-1] != IGNORED
    wrong = (given != wanted[:, :-1]) & meant
    assert 0.005 < wrong.sum() / meant.sum() < 0.05
    assert (wrong.sum(1) == 0).mean() > 0.3
