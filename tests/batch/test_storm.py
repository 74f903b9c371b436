"""Three requests in ten fail: every page is read all the same, in a bounded number of attempts."""

from pathlib import Path

import httpx2
import pytest

from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.run import BatchListener
from lighton_ocr.batch.session import BatchJob, run_batch
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.reading.retries import ATTEMPTS_PER_IMAGE
from tests.support.corpus import journal, make_corpus, manifest, text_of
from tests.support.scripted_endpoint import ScriptedEndpoint
from tests.support.storm import FAULTS, Storm

DOCUMENTS, PAGES = 21, 10


@pytest.mark.slow
def test_every_page_is_read_although_many_requests_fail(
    scripted: ScriptedEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighton_ocr.reading.retries._PAUSES", (0.001,) * ATTEMPTS_PER_IMAGE)
    monkeypatch.setattr("lighton_ocr.batch.concurrency._CLOSED_SECONDS", (0.001, 0.01))
    monkeypatch.setattr("lighton_ocr.reading.client.TIMEOUT", httpx2.Timeout(1.5))
    storm = Storm()
    scripted.default = storm
    inputs = make_corpus(tmp_path / "in", DOCUMENTS, PAGES)
    stats = BatchStats()
    job = BatchJob(BatchPlan((str(inputs),)), str(tmp_path / "out"), scripted.url)
    run_batch(job, stats, BatchListener())

    pages = (DOCUMENTS - 1) * PAGES
    assert (stats.pages_read, stats.failures) == (pages, 0)
    assert stats.documents_done == DOCUMENTS
    assert set(storm.faults) == set(FAULTS)
    assert sum(storm.faults.values()) > 0.2 * sum(storm.requests.values())
    assert max(storm.requests.values()) <= ATTEMPTS_PER_IMAGE
    texts = journal(tmp_path / "out", "SELECT text, finish FROM pages")
    assert sorted(texts) == sorted((text_of(image), "stop") for image in storm.requests)
    attempts = journal(
        tmp_path / "out",
        "SELECT sum(json_array_length(attempts)), max(json_array_length(attempts)) FROM pages",
    )
    assert attempts == [(sum(storm.requests.values()), max(storm.requests.values()))]
    assert {line["state"] for line in manifest(tmp_path / "out").values()} == {"done"}
