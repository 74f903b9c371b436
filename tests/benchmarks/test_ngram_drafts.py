"""Counting the steps of vLLM's n-gram drafting without a model."""

from benchmarks.ngram_drafts import Counts, count_steps


def test_a_perfect_draft_saves_all_steps_but_one_in_six() -> None:
    answer = list(range(100, 161))  # the first token comes with the image; then ten full steps
    found = count_steps([1, *answer, 2], answer, 5)
    assert (found.tokens, found.steps, found.accepted) == (61, 10, [10, 10, 10, 10, 10])
    assert found.tokens_per_step == 6


def test_without_a_draft_and_repetition_each_token_takes_a_step() -> None:
    found = count_steps([1, 2], list(range(100, 161)), 5)
    assert (found.steps, found.accepted, found.tokens_per_step) == (60, [0] * 5, 1)


def test_a_wrong_token_ends_what_is_accepted_of_a_step() -> None:
    # After 10 the draft is 11, 12, 13, and 12 is wrong; after 99 nothing is found.
    found = count_steps([10, 11, 12, 13], [10, 11, 99, 98], 3)
    assert (found.steps, found.accepted) == (2, [1, 0, 0])
    assert found.rates == [0.5, 0, 0]


def test_the_longest_match_counts_and_of_equal_ones_the_first() -> None:
    prompt = [7, 3, 50, 5, 6, 7, 60, 5, 6, 7, 70]
    assert count_steps(prompt, [5, 6, 7, 60], 1).accepted == [2]
    assert count_steps(prompt, [7, 3], 1).accepted == [1]


def test_what_was_written_is_a_draft_too() -> None:
    assert count_steps([], [1, 2, 3, 1, 2, 3], 2) == Counts(6, 4, [1, 1])
