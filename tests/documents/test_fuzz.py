"""Whatever is thrown at it: pages or a sentence; no crash, no hang, no flood of memory."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.support.fuzzed_reading import Reading
from tests.support.mutation import mutated, pdfs, pictures

pytestmark = pytest.mark.slow

EXAMPLES = 500
MOST_GROWTH_MIB = 100


def test_broken_documents_give_pages_or_a_sentence(tmp_path: Path) -> None:
    with Reading(tmp_path) as result:
        for whole in pdfs() + pictures():
            result.read(whole)
        assert set(result.outcomes) == {"page"}
        before = result.peak_mib

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(mutated())
        def each(data: bytes) -> None:
            result.read(data)

        each()
        assert sum(result.outcomes.values()) > EXAMPLES
        assert {"page", "DocumentError"} <= set(result.outcomes)
        assert result.peak_mib - before < MOST_GROWTH_MIB
