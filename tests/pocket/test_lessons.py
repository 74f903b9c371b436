import math
import random
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")
from pocket.fonts import Families  # noqa: E402
from pocket.lessons import LESSONS, WINDOW, Curriculum, Lesson, line  # noqa: E402
from pocket.model import PocketModel, Shape  # noqa: E402
from pocket.optimizer import Optimizer  # noqa: E402
from pocket.pages import BUCKETS, drawer  # noqa: E402
from pocket.prompts import IM_END  # noqa: E402
from pocket.reservoir import READY, Bucket, Reservoir  # noqa: E402
from pocket.teaching import lesson  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

from pocket import lessons  # noqa: E402

SMALL, LARGE, PAGE = (Bucket(n, n, 9, 2, 1.0) for n in (4, 6, 8))


def steps(curriculum: Curriculum, right: float, spent: float, count: int = WINDOW) -> bool:
    """So many steps with this share of right tokens; whether the lesson is over after them."""
    due = [curriculum.due(torch.tensor(right)) for _ in range(count)]
    assert not any(due[:-1])
    return due[-1] and curriculum.over(spent)


def test_a_lesson_ends_when_it_is_read_well_or_takes_too_long():
    page = Lesson((PAGE,))
    curriculum = Curriculum([Lesson((SMALL,), 0.8, 0.2), Lesson((SMALL, LARGE), 0.8, 0.3), page])
    assert curriculum.buckets == [SMALL, LARGE, PAGE]
    assert not steps(curriculum, 0.79, 0.1)
    assert not steps(curriculum, 1.0, 0.1, WINDOW - 1)
    assert curriculum.due(torch.tensor(1.0))
    assert curriculum.over(0.1)
    curriculum.left -= 1
    assert curriculum.lesson.buckets == (SMALL, LARGE)
    assert not steps(curriculum, 0.1, 0.29)
    assert steps(curriculum, 0.1, 0.3)
    curriculum.left -= 1
    assert curriculum.lesson is page
    assert not any(curriculum.due(torch.tensor(1.0)) for _ in range(3 * WINDOW))


def test_lessons_are_read_before_the_rate_falls_and_lead_to_pages():
    ends = [each.until for each in LESSONS]
    assert ends == sorted(ends)
    assert ends[-1] < 0.5
    assert set(LESSONS[-1].buckets) & set(BUCKETS)
    for bucket in (bucket for each in LESSONS for bucket in each.buckets):
        assert bucket.height % 28 == bucket.width % 28 == 0
    names = [bucket.name for bucket in Curriculum([*LESSONS, Lesson(BUCKETS)]).buckets]
    assert len(names) == len(set(names))


def test_lessons_are_drawn_with_their_text(data: Path):
    """The test's tokenizer has a token a byte, so its transcripts are longer than real ones."""
    tokenizer = Tokenizer.from_file(str(data / "tokenizer.json"))
    draw, rng = drawer(data, tokenizer), random.Random(2)
    for bucket in {bucket for each in LESSONS for bucket in each.buckets}:
        for _ in range(20):
            ink, ids = draw(rng, bucket)
            assert ink.shape == (bucket.height, bucket.width)
            assert ids[-1] == IM_END
            assert bool(ink.any()) == (len(ids) > 1)


def test_a_line_is_of_characters_that_cannot_be_guessed(data: Path):
    rng, fonts = random.Random(5), Families(data / "fonts")
    drawn = [line(rng, fonts, 168, 56) for _ in range(300)]
    assert all(text == text.strip() and text for _, text in drawn)
    # All ink is inside: what hangs out at the sides would be cut off.
    assert sum(bool(ink[:, -1].any()) for ink, _ in drawn) < 6
    letters = "".join(text for _, text in drawn).replace(" ", "")
    share = max(letters.count(letter) for letter in set(letters)) / len(letters)
    assert share < 0.05
    assert len({text for _, text in drawn}) > 280


def test_pages_are_drawn_from_their_first_lesson_on():
    def draw(rng, bucket):
        return np.ones((bucket.height, bucket.width), np.uint8), [7]

    reservoir = Reservoir([SMALL, LARGE], draw, 1, 5, first=[SMALL])
    try:
        reservoir.take(0)
        assert reservoir.shares == [1, 0]
        reservoir.open([LARGE])
        assert reservoir.shares == [0, 1]
        assert not (reservoir.pools[1].state == READY).all()
        reservoir.take(1)
        reservoir.take(0)  # whoever waits for a page of the lesson before still gets it
    finally:
        reservoir.close()


def test_random_characters_teach_a_model_to_look(data: Path, monkeypatch):
    """Five letters that cannot be guessed, ink as it is drawn: reading begins within seconds.

    With another picture before it, the same transcript is no more than guessed.
    """
    monkeypatch.setattr(lessons, "_LETTERS", ("abcde",))
    torch.manual_seed(0)
    rng, noise = random.Random(0), np.random.default_rng(0)
    fonts, tokenizer = Families(data / "fonts"), Tokenizer.from_file(str(data / "tokenizer.json"))
    model = PocketModel(Shape(263, 28, 1, 64, 1, 128, 64, 1, 128, 1))
    optimizer = Optimizer(model, 0.008, 5e-3)
    prompt = (torch.tensor([[1, 5]]), torch.tensor([[3]]))

    def drawn(count: int):
        pictures = [line(rng, fonts, 56, 56) for _ in range(count)]
        rows = [[*tokenizer.encode(text).ids, IM_END] for _, text in pictures]
        lengths = np.array([len(row) for row in rows], np.int32)
        tokens = np.zeros((count, 32), np.uint16)
        for row, ids in zip(tokens, rows, strict=True):
            row[: len(ids)] = ids
        return np.stack([ink for ink, _ in pictures]), tokens, lengths

    def read(stutters: float, ink, tokens, lengths):
        given, wanted = lesson(noise, tokens, lengths, 263, stutters)
        pixels = torch.from_numpy(ink)[:, None].expand(-1, 3, -1, -1) / 127
        return model(pixels, prompt, torch.from_numpy(given), torch.from_numpy(wanted))

    known, fresh = drawn(8192), drawn(512)
    for step in range(300):
        chosen = noise.choice(8192, 64, replace=False)
        loss, _ = read(0.15, *(array[chosen] for array in known))
        loss.backward()
        optimizer.step(min(1.0, step / 20))
    with torch.no_grad():
        _, right = read(0, *fresh)
        _, guessed = read(0, fresh[0][::-1].copy(), *fresh[1:])
    assert guessed < 0.33
    assert right > guessed + 0.12
    assert math.isfinite(loss.item())
