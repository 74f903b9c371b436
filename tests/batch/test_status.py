"""What `lighton-ocr status` says about a batch."""

import json
from pathlib import Path

import pytest

from tests.support.batch_archive import BatchArchive, run
from tests.support.corpus import manifest, pdf, results
from tests.support.scripted_endpoint import says

pytestmark = pytest.mark.slow


def test_status(archive: BatchArchive, tmp_path: Path) -> None:
    assert run("status", archive.out).returncode == 2
    archive.batch()
    done = run("status", archive.out)
    assert ": complete." in done.stdout
    assert "6 complete, 0 failed" in done.stdout
    assert "10 read, 0 failed" in done.stdout
    found = json.loads(run("status", archive.out, "--json").stdout)
    assert found["totals"]["pages_read"] == found["last_run"]["stats"]["pages_read"] == 10
    assert found["totals"]["pages"] == 10  # those of the copy, too, are read once


def test_what_was_read_with_other_settings_is_counted_apart(archive: BatchArchive) -> None:
    archive.batch()
    two = archive.inputs / "box1"
    run("batch", two, "--out", archive.out, "--url", archive.server.url, "--jpeg")
    found = run("status", archive.out).stdout
    other = "with other settings than the last run's\n"
    assert f"2 complete, 0 failed, 0 not finished; 4 complete {other}" in found
    assert f"4 read, 0 failed, of 10 known; 6 read {other}" in found
    archive.batch()  # what was read before is used again
    assert "10 read, 0 failed, of 10 known\n" in run("status", archive.out).stdout


def test_differences_from_own_texts_are_in_summary_status_and_manifest(
    archive: BatchArchive,
) -> None:
    letter = archive.inputs / "letter.pdf"
    letter.write_bytes(pdf("Forty crates of apples reach the harbour on day", 1, (600, 80)))
    archive.server.default = says("Forty crates of apples reach the harbour on day 7")
    done = archive.batch()
    compared = "10 words compared: 1 difference, 1 of them in numbers, 0 missing words"
    assert f"Own text of the files: {compared}." in done.stderr
    assert "7 / 1" in done.stderr
    assert "1 page deserves a look: letter 1 (`lighton-ocr status" in done.stderr
    text = results(archive.out)["letter.md"]
    assert text.startswith("<!-- Page 1: 1 number differs from the file's own text: 7 / 1. -->\n\n")
    listed = run("status", archive.out, "--pages").stdout
    assert f"\n{letter}\n  Page 1: 1 number differs" in listed
    assert manifest(archive.out)[str(letter)]["warned_pages"] == [1]
    assert f"own text   {compared}\n" in run("status", archive.out).stdout
    counts = {"words": 10, "differ": 1, "numbers_differ": 1, "missing": 0}
    assert manifest(archive.out)[str(letter)]["own_text"] == counts
    assert json.loads(run("status", archive.out, "--json").stdout)["totals"]["own_text"] == counts
    archive.batch("--own-text", "off")
    assert manifest(archive.out)[str(letter)]["own_text"] == dict.fromkeys(counts, 0)
