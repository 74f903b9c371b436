import pytest

np = pytest.importorskip("numpy")
from pocket.reservoir import FREE, READY, Bucket, Pool, Reservoir  # noqa: E402


def test_processes_fill_and_refill_their_slots():
    """Each drawn page holds its own number in ink and tokens, so a torn page would show."""

    def draw(rng, bucket):
        number = rng.randint(1, 250)
        return np.full((bucket.height, bucket.width), number, np.uint8), [number] * rng.randint(
            1, 9
        )

    reservoir = Reservoir(
        [Bucket(4, 6, 9, 4, 1.0), Bucket(4, 6, 4, 4, 1.0)], draw, 2, 5, most_uses=1
    )
    try:
        seen = set()
        for step in range(60):
            batch = reservoir.take(step % 2)
            for ink, ids, length in zip(batch.ink, batch.tokens, batch.lengths, strict=True):
                assert (ink == ink[0, 0]).all()
                assert (ids[:length] == ink[0, 0]).all()
                assert 1 <= length <= batch.bucket.tokens
                seen.add(int(ink[0, 0]))
        assert len(seen) > 20
    finally:
        reservoir.close()


def test_pages_used_often_enough_are_given_back_but_some_are_kept():
    pool = Pool(Bucket(2, 2, 3, 2, 1.0), 20)
    for slot in range(20):
        pool.put(slot, np.ones((2, 2), np.uint8), [1, 2])
    rng = np.random.default_rng(0)
    for _ in range(200):
        pool.take(rng, most_uses=2)
    assert (pool.state == READY).sum() == 10
    assert (pool.state == FREE).sum() == 10


def test_a_full_pool_gives_back_pages_after_one_use():
    pool = Pool(Bucket(2, 2, 3, 2, 1.0), 20)
    for slot in range(20):
        pool.put(slot, np.ones((2, 2), np.uint8), [1, 2])
    rng = np.random.default_rng(0)
    pool.take(rng, most_uses=9)
    assert (pool.state == FREE).sum() == 2
    pool.take(rng, most_uses=9)
    assert (pool.state == FREE).sum() == 2
