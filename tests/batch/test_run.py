"""`lighton-ocr batch`, run as a command: what it writes, and what it reads again."""

import json
import os
import re

import pytest
from starlette.responses import Response

from lighton_ocr.formats import FORMATS
from tests.support.batch_archive import BatchArchive
from tests.support.corpus import (
    answer_by_image,
    image_digest,
    journal,
    manifest,
    pdf,
    results,
    text_of,
)
from tests.support.scripted_endpoint import never_ends

pytestmark = pytest.mark.slow


def test_a_result_never_overwrites_its_own_document(archive: BatchArchive) -> None:
    document = archive.inputs / "box1" / "file1.pdf"
    whole = document.read_bytes()
    archive.inputs, archive.out = document, document.parent
    done = archive.batch("--format", "pdf", "--force")
    assert done.returncode == 1
    assert f"{document} would be overwritten by its own result" in done.stderr
    assert document.read_bytes() == whole


def test_a_batch_writes_results_a_manifest_and_figures(archive: BatchArchive) -> None:
    done = archive.batch("--json", "--gpu", "L4")
    assert (done.returncode, archive.requests) == (0, 10)  # of twelve pages, two come twice
    stats = json.loads(done.stdout)
    assert (stats["documents"], stats["documents_done"]) == (6, 6)
    pages = {name: stats[f"pages_{name}"] for name in ("read", "before", "copied", "failed")}
    assert pages == {"read": 10, "before": 0, "copied": 2, "failed": 0}
    assert "; 2 more in identical copies); " in done.stderr
    assert stats["tokens"] > 0
    assert stats["cost"] > 0
    assert re.search(r"Read 10 pages in \d+ s", done.stderr)
    found = results(archive.out)
    assert next(iter(found)) == "box0/file0.md"
    assert found["box0/file0.md"] == found["box1/file1.md"]
    assert found["box0/file0.md"].startswith("<!-- page 1 -->\n\n# ")
    lines = manifest(archive.out)
    assert list(lines) == sorted(lines)
    line = lines[str(archive.inputs / "box2" / "file2.pdf")]
    assert line["results"] == ["box2/file2.md"]
    assert (line["state"], line["pages"], line["failed_pages"]) == ("done", 2, [])
    assert "LightOnOCR-1B-1025 on vllm, png, edge 1540" in line["read_by"]


def test_a_second_run_reads_nothing_and_writes_missing_results(archive: BatchArchive) -> None:
    archive.batch()
    first = results(archive.out)
    (archive.out / "box2" / "file2.md").unlink()
    done = archive.batch()
    assert (done.returncode, archive.requests) == (0, 10)
    assert results(archive.out) == first  # written again from the journal
    assert "All 12 pages were read before; " in done.stderr


def test_only_changed_documents_are_read_again(archive: BatchArchive) -> None:
    archive.batch()
    changed = archive.inputs / "box2" / "file2.pdf"
    changed.write_bytes(pdf("new", 3))
    touched = archive.inputs / "box0" / "file3.pdf"
    os.utime(touched, (1, 1))
    assert archive.batch().returncode == 0
    assert archive.requests == 13
    assert results(archive.out)["box2/file2.md"].count("<!-- page ") == 3
    archive.server.model = "lightonai/LightOnOCR-2-1B"
    archive.batch()
    assert archive.requests == 13 + 11
    assert len(manifest(archive.out)) == 6


def test_pages_of_an_earlier_version_do_not_stay(archive: BatchArchive) -> None:
    archive.batch("--per-page", "--format", "md", "--format", "txt")
    pages = archive.out / "box2" / "file2-pages"
    (pages / "notes.md").touch()
    (archive.inputs / "box2" / "file2.pdf").write_bytes(pdf("new", 1))
    archive.batch("--per-page", "--format", "md")
    left = {path.name for path in pages.iterdir()}
    assert left == {"page-0001.md", "page-0001.txt", "page-0002.txt", "notes.md"}


def test_existing_results_are_kept_unless_forced(archive: BatchArchive) -> None:
    mine = archive.out / "box1" / "file4.md"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    done = archive.batch()
    assert mine.read_text() == "mine"
    assert "Results already existed for 1 document; --force overwrites them" in done.stderr
    assert manifest(archive.out)[str(archive.inputs / "box1/file4.pdf")]["state"] == "kept"
    archive.batch("--force")
    assert "The page says" in mine.read_text()
    assert archive.requests == 10


def test_formats_are_added_without_reading_again(archive: BatchArchive) -> None:
    archive.batch()
    assert archive.batch("--format", "md", "--format", "html", "--format", "jsonl").returncode == 0
    assert archive.requests == 10
    folder = archive.out / "box2"
    names = {path.name for path in folder.iterdir()}
    assert {"file2.md", "file2.html", "file2.jsonl"} <= names
    assert archive.batch("--format", "docx").returncode == 2


def test_with_another_page_timeout_only_pages_that_reached_it_are_read_again(
    archive: BatchArchive,
) -> None:
    hopeless: set[str] = set()

    def never_end_twice(body: dict[str, object]) -> Response:
        if len(hopeless) < 2:
            hopeless.add(image_digest(body))
        return never_ends() if image_digest(body) in hopeless else answer_by_image(body)

    archive.server.default = never_end_twice
    done = archive.batch("--page-timeout", "1")
    assert "the page's time limit was reached" in done.stderr
    finishes = "SELECT finish, count(*) FROM pages GROUP BY settings_id, finish"
    assert journal(archive.out, finishes) == [("stop", 8), ("timeout", 2)]

    before = archive.requests
    archive.server.default = answer_by_image
    assert archive.batch("--page-timeout", "60").returncode == 0
    assert archive.requests - before == 2
    assert journal(archive.out, finishes) == [("timeout", 2), ("stop", 10)]
    assert all(text_of(image) in "".join(results(archive.out).values()) for image in hopeless)
    assert archive.batch("--page-timeout", "30").returncode == 0
    assert archive.requests - before == 2


def test_file_names_that_are_not_utf8(archive: BatchArchive) -> None:
    folder = archive.inputs / "box2"
    (folder / os.fsdecode(b"caf\xe9.pdf")).write_bytes(pdf("menu", 2))
    broken = folder / os.fsdecode(b"th\xe9.pdf")
    broken.write_bytes(b"%PDF-1.7 and then nothing")
    (folder / os.fsdecode(b"gone\xe9.pdf")).symlink_to("nowhere")
    formats = [f"--format={name}" for name in FORMATS]
    done = archive.batch(*formats)
    assert (done.returncode, archive.requests) == (1, 12)
    lines = manifest(archive.out)
    line = lines[f"{folder}/caf\\udce9.pdf"]
    assert (line["state"], line["pages"]) == ("done", 2)
    assert line["results"] == [f"box2/caf%udce9.{name}" for name in FORMATS]
    assert json.loads((archive.out / "box2/caf%udce9.json").read_text())["source"] == line["source"]
    assert "th\\udce9.pdf is damaged" in lines[f"{folder}/th\\udce9.pdf"]["error"]
    assert "There is no file" in lines[f"{folder}/gone\\udce9.pdf"]["error"]

    broken.write_bytes(pdf("mended", 1))
    (folder / os.fsdecode(b"gone\xe9.pdf")).unlink()
    assert archive.batch(*formats).returncode == 0
    assert archive.requests == 13
    assert "All 15 pages were read before" in archive.batch(*formats).stderr


def test_a_document_called_manifest(archive: BatchArchive) -> None:
    (archive.inputs / "manifest.pdf").write_bytes(pdf("cargo", 2))
    assert archive.batch("--format", "jsonl").returncode == 0
    line = manifest(archive.out)[str(archive.inputs / "manifest.pdf")]
    assert (line["state"], line["results"]) == ("done", ["manifest-2.jsonl"])
    assert "The page says" in (archive.out / "manifest-2.jsonl").read_text()
    assert "pages were read before" in archive.batch("--format", "jsonl").stderr
