"""The benchmark's own n-gram drafting against vLLM's."""

import random

import numpy as np
import pytest
from benchmarks.ngram_drafts import LOOKUP, Written
from vllm.v1.spec_decode.ngram_proposer import _find_longest_matched_ngram_and_propose_tokens


@pytest.mark.parametrize("seed", range(20))
def test_the_benchmark_drafts_the_same_tokens_as_vllm(seed: int) -> None:
    dice = random.Random(seed)
    written = Written([])
    for _ in range(200):
        written.add(dice.randrange(2 + seed))
        tokens = np.array(written.tokens, np.int32)
        theirs = _find_longest_matched_ngram_and_propose_tokens(tokens, 1, LOOKUP, 4096, 5)
        assert written.draft(5) == theirs.tolist()
