"""Three requests in ten go wrong: every page is read all the same, with bounded tries."""

from pathlib import Path

import httpx2
import pytest

from lighton_ocr.batch.figures import Figures
from lighton_ocr.batch.opening import Plan
from lighton_ocr.batch.run import BatchListener
from lighton_ocr.batch.session import Job, run_batch
from lighton_ocr.ladder import MAX_TRIES
from tests.batch.corpus import journal, make_corpus, manifest, text_of
from tests.batch.storm import FAULTS, Storm
from tests.scripted_endpoint import ScriptedEndpoint

DOCUMENTS, PAGES = 21, 10


def test_every_page_is_read_in_a_storm(
    scripted: ScriptedEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lighton_ocr.ladder._PAUSES", (0.001,) * MAX_TRIES)
    monkeypatch.setattr("lighton_ocr.batch.pace._CLOSED_SECONDS", (0.001, 0.01))
    monkeypatch.setattr("lighton_ocr.client.TIMEOUT", httpx2.Timeout(1.5))
    storm = Storm()
    scripted.default = storm
    inputs = make_corpus(tmp_path / "in", DOCUMENTS, PAGES)
    figures = Figures()
    job = Job(Plan((str(inputs),)), str(tmp_path / "out"), scripted.url)
    run_batch(job, figures, BatchListener())

    pages = (DOCUMENTS - 1) * PAGES
    assert (figures.pages_read, figures.failures) == (pages, 0)
    assert figures.documents_done == DOCUMENTS
    assert set(storm.faults) == set(FAULTS)
    assert sum(storm.faults.values()) > 0.2 * sum(storm.requests.values())
    assert max(storm.requests.values()) <= MAX_TRIES
    texts = journal(tmp_path / "out", "SELECT text, finish FROM pages")
    assert sorted(texts) == sorted((text_of(picture), "stop") for picture in storm.requests)
    tries = journal(tmp_path / "out", "SELECT count(*), max(number) FROM tries")
    assert tries == [(sum(storm.requests.values()), max(storm.requests.values()))]
    assert {line["state"] for line in manifest(tmp_path / "out").values()} == {"done"}
