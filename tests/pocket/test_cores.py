from pocket.cores import shares


def test_trainers_have_cores_of_their_own_and_the_rest_draw():
    cores = range(32)
    first, second = (shares(cores, rank, 2) for rank in range(2))
    assert (len(first[0]), len(second[0]), len(first[1])) == (4, 4, 24)
    assert first[1] == second[1]
    assert not first[0] & second[0]
    assert not (first[0] | second[0]) & first[1]


def test_a_small_machine_is_shared():
    assert shares(range(2), 0, 2) == ({0, 1}, {0, 1})
