"""A batch that is killed again and again loses no page, reads none twice, and changes no text."""

from pathlib import Path

import pytest

from tests.support.corpus import journal, make_corpus, manifest, pdf, results
from tests.support.killing import run_and_kill
from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow

DOCUMENTS, PAGES = 42, 5


def test_fifty_kills_lose_nothing(endpoint: ScriptedEndpoint, tmp_path: Path) -> None:
    inputs = make_corpus(tmp_path / "in", DOCUMENTS, PAGES)
    arguments = [str(inputs), "--url", endpoint.url]
    run_and_kill(arguments, tmp_path / "quiet", 0, endpoint, seed=1)
    kills = run_and_kill(arguments, tmp_path / "out", 50, endpoint, seed=7)
    assert kills.count == 50
    assert all(kills.by_moment.values())
    assert kills.asked_again == []
    assert results(tmp_path / "out") == results(tmp_path / "quiet")
    assert len(results(tmp_path / "out")) == DOCUMENTS
    pages = journal(tmp_path / "out", "SELECT finish, count(*), count(DISTINCT text) FROM pages")
    distinct = (DOCUMENTS - 1) * PAGES  # two documents are the same
    assert pages == [("stop", distinct, distinct)]
    lines = manifest(tmp_path / "out")
    assert len(lines) == DOCUMENTS
    assert all((line["state"], line["failed_pages"]) == ("done", []) for line in lines.values())


def test_five_kills_on_the_real_engine(tmp_path: Path) -> None:
    inputs = tmp_path / "strips.pdf"
    inputs.write_bytes(pdf("Invoice number", 10, size=(700, 100)))
    run_and_kill([str(inputs)], tmp_path / "quiet", 0, None, seed=1)
    kills = run_and_kill([str(inputs)], tmp_path / "out", 5, None, seed=3)
    assert kills.count == 5
    assert results(tmp_path / "out") == results(tmp_path / "quiet")
    (page_text,) = results(tmp_path / "out").values()
    assert page_text.count("<!-- page ") == 10
    assert manifest(tmp_path / "out")[str(inputs)]["failed_pages"] == []
