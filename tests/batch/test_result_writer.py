"""Results are written as formats have them; the journal keeps what the model wrote."""

from pathlib import Path

import pytest
from PIL import Image

from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.run import BatchListener
from lighton_ocr.batch.session import BatchJob, run_batch
from lighton_ocr.batch.stats import BatchStats
from tests.support.corpus import journal, pdf, results
from tests.support.scripted_endpoint import ScriptedEndpoint, says


@pytest.mark.slow
def test_divided_words_are_joined_in_results_and_not_in_the_journal(
    endpoint: ScriptedEndpoint, tmp_path: Path
) -> None:
    endpoint.script = [says("An exam-\nple."), says("This is an example.")]
    (tmp_path / "a.pdf").write_bytes(pdf("a", 2))
    out = tmp_path / "out"
    job = BatchJob(BatchPlan((str(tmp_path / "a.pdf"),)), str(out), endpoint.url)
    run_batch(job, BatchStats(), BatchListener())
    joined = "<!-- page 1 -->\n\nAn example.\n\n<!-- page 2 -->\n\nThis is an example.\n"
    assert results(out) == {"a.md": joined}
    assert journal(out, "SELECT text FROM pages ORDER BY page")[0] == ("An exam-\nple.",)


@pytest.mark.slow
def test_a_format_that_is_impossible_keeps_no_other_from_being_written(
    endpoint: ScriptedEndpoint, tmp_path: Path
) -> None:
    endpoint.script = [says("A long line.")]
    image, out = tmp_path / "a.png", tmp_path / "out"
    Image.new("L", (30000, 2), 255).save(image)
    plan = BatchPlan((str(image),), formats=("pdf", "md"))
    run_batch(BatchJob(plan, str(out), endpoint.url), stats := BatchStats(), BatchListener())
    assert stats.documents_failed == 1
    assert [path.name for path in out.glob("a.*")] == ["a.md"]
