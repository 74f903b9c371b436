"""`lighton-ocr batch` and `status`, run as commands."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.responses import Response

from lighton_ocr.formats import FORMATS
from tests.support.corpus import (
    answer_by_image,
    image_digest,
    journal,
    make_corpus,
    manifest,
    pdf,
    results,
    text_of,
)
from tests.support.scripted_endpoint import ScriptedEndpoint, never_ends, says, status

pytestmark = pytest.mark.slow

Done = subprocess.CompletedProcess[str]
COMMAND = [sys.executable, "-m", "lighton_ocr"]


def run(*arguments: str | Path, **environment: str) -> Done:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


class Archive:
    """Six documents of two pages, an endpoint, and an output."""

    def __init__(self, folder: Path, server: ScriptedEndpoint) -> None:
        self.server = server
        self.inputs = make_corpus(folder / "in", 6, 2)
        self.out = folder / "out"

    def batch(self, *arguments: str | Path) -> Done:
        done = run("batch", self.inputs, "--out", self.out, "--url", self.server.url, *arguments)
        assert "Traceback" not in done.stderr
        return done

    @property
    def requests(self) -> int:
        return len(self.server.bodies)


@pytest.fixture
def archive(tmp_path: Path, endpoint: ScriptedEndpoint) -> Archive:
    return Archive(tmp_path, endpoint)


def test_a_batch_writes_results_a_manifest_and_figures(archive: Archive) -> None:
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


def test_a_second_run_reads_nothing_and_writes_missing_results(archive: Archive) -> None:
    archive.batch()
    first = results(archive.out)
    (archive.out / "box2" / "file2.md").unlink()
    done = archive.batch()
    assert (done.returncode, archive.requests) == (0, 10)
    assert results(archive.out) == first  # written again from the journal
    assert "All 12 pages were read before; " in done.stderr


def test_a_mistyped_name_is_a_usage_error_and_no_document(archive: Archive) -> None:
    missing = archive.inputs / "no-such.pdf"
    done = archive.batch(missing)
    assert (done.returncode, archive.requests) == (2, 0)
    assert f"There is no file {missing}: is the name right?" in done.stderr
    assert not archive.out.exists() or manifest(archive.out) == {}


def test_what_can_never_be_read_is_not_promised_another_try(archive: Archive) -> None:
    (archive.inputs / "broken.pdf").write_text("no PDF")
    done = archive.batch()
    assert done.returncode == 1
    assert "1 document cannot be read; " in done.stderr
    assert "tries again" not in done.stderr
    said = run("status", archive.out).stdout
    assert "finished; 1 document cannot be read, as manifest.jsonl says." in said


def test_only_changed_documents_are_read_again(archive: Archive) -> None:
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


def test_existing_results_are_kept_unless_forced(archive: Archive) -> None:
    mine = archive.out / "box1" / "file4.md"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    done = archive.batch()
    assert mine.read_text() == "mine"
    assert "For 1 document, results existed; --force overwrites them" in done.stderr
    assert manifest(archive.out)[str(archive.inputs / "box1/file4.pdf")]["state"] == "kept"
    archive.batch("--force")
    assert "The page says" in mine.read_text()
    assert archive.requests == 10


def test_formats_are_added_without_reading_again(archive: Archive) -> None:
    archive.batch()
    assert archive.batch("--format", "md", "--format", "html", "--format", "jsonl").returncode == 0
    assert archive.requests == 10
    folder = archive.out / "box2"
    names = {path.name for path in folder.iterdir()}
    assert {"file2.md", "file2.html", "file2.jsonl"} <= names
    assert archive.batch("--format", "docx").returncode == 2


def test_with_another_page_timeout_only_pages_that_reached_it_are_read_again(
    archive: Archive,
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


def test_a_bad_page_and_a_bad_document_fail_alone_and_are_retried(archive: Archive) -> None:
    broken = archive.inputs / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and then nothing")
    refused: list[str] = []

    def refuse_one(body: dict[str, object]) -> Response:
        image = image_digest(body)
        if not refused or image == refused[0]:
            refused[:] = [image]
            return status(400, "too odd")(body)
        return answer_by_image(body)

    archive.server.default = refuse_one
    done = archive.batch()
    assert done.returncode == 1
    assert "too odd" in done.stderr
    assert f"{broken} is damaged" in done.stderr
    failed = [line for line in manifest(archive.out).values() if line["failed_pages"]]
    assert failed
    assert {line["state"] for line in failed} == {"done"}
    assert manifest(archive.out)[str(broken)]["state"] == "failed"
    assert "could not be read -->" in "".join(results(archive.out).values())
    assert "run the same command again to retry" in run("status", archive.out).stdout

    archive.server.default = answer_by_image
    broken.write_bytes(pdf("mended", 1))
    again = archive.batch()
    assert (again.returncode, archive.requests) == (0, 10 + 1 + 1)
    assert text_of(refused[0]) in "".join(results(archive.out).values())
    assert {line["state"] for line in manifest(archive.out).values()} == {"done"}


def test_file_names_that_are_not_utf8(archive: Archive) -> None:
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


def test_a_document_called_manifest(archive: Archive) -> None:
    (archive.inputs / "manifest.pdf").write_bytes(pdf("cargo", 2))
    assert archive.batch("--format", "jsonl").returncode == 0
    line = manifest(archive.out)[str(archive.inputs / "manifest.pdf")]
    assert (line["state"], line["results"]) == ("done", ["manifest-2.jsonl"])
    assert "The page says" in (archive.out / "manifest-2.jsonl").read_text()
    assert "pages were read before" in archive.batch("--format", "jsonl").stderr


def test_too_many_failures_stop_the_run(archive: Archive) -> None:
    refuse, turn_away = status(400, "no such thing"), status(503)

    def three_fail(body: dict[str, object]) -> Response:
        # The others are never answered, so no fourth can fail before the run has stopped.
        return (refuse if archive.requests <= 3 else turn_away)(body)

    archive.server.default = three_fail
    done = archive.batch("--max-failures", "2")
    assert done.returncode == 1
    assert "Stopped after 3 failures" in done.stderr
    archive.server.default = answer_by_image
    assert archive.batch("--max-failures", "2").returncode == 0
    assert len(results(archive.out)) == 6


def test_a_full_disk_under_the_manifest_is_reported(archive: Archive) -> None:
    path = archive.out / "manifest.jsonl"

    def fill(body: dict[str, object]) -> Response:
        if not path.is_symlink():
            path.unlink()
            path.symlink_to("/dev/full")
        return answer_by_image(body)

    archive.server.default = fill
    done = archive.batch()
    assert done.returncode == 2
    assert f"{path} cannot be written: No space left on device." in done.stderr
    archive.server.default = answer_by_image
    assert archive.batch().returncode == 0
    assert {line["state"] for line in manifest(archive.out).values()} == {"done"}


def test_ctrl_c_keeps_the_pages_read_and_tells_how_to_continue(archive: Archive) -> None:
    with subprocess.Popen(
        [*COMMAND, "batch", archive.inputs, "--out", archive.out, "--url", archive.server.url],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:

        def interrupt(body: dict[str, object]) -> Response:
            if archive.requests == 5:
                process.send_signal(signal.SIGINT)
            # What comes after the fifth is never answered, so some pages are surely in flight.
            return answer_by_image(body) if archive.requests < 5 else status(503)(body)

        archive.server.default = interrupt
        _, said = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "The same command resumes" in said
    assert ": stopped; " in run("status", archive.out).stdout
    archive.server.default = answer_by_image
    read = len(journal(archive.out, "SELECT 1 FROM pages"))
    before = archive.requests
    assert archive.batch().returncode == 0
    assert archive.requests - before == 10 - read


def test_status(archive: Archive, tmp_path: Path) -> None:
    assert run("status", archive.out).returncode == 2
    archive.batch()
    done = run("status", archive.out)
    assert ": complete." in done.stdout
    assert "6 complete, 0 failed" in done.stdout
    assert "10 read, 0 failed" in done.stdout
    found = json.loads(run("status", archive.out, "--json").stdout)
    assert found["totals"]["pages_read"] == found["last_run"]["stats"]["pages_read"] == 10


def test_differences_from_own_texts_are_in_summary_status_and_manifest(archive: Archive) -> None:
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


def test_a_second_batch_on_the_same_output_is_refused(archive: Archive) -> None:
    others: list[Done] = []

    def start_another(body: dict[str, object]) -> Response:
        if not others:
            others.append(archive.batch())
        return answer_by_image(body)

    archive.server.default = start_another
    assert archive.batch().returncode == 0
    (other,) = others
    assert other.returncode == 2
    assert "Another lighton-ocr batch is writing to" in other.stderr
    assert "lighton-ocr status" in other.stderr


def test_mistakes_start_no_engine(tmp_path: Path) -> None:
    done = run("batch", tmp_path / "nothing-*.pdf", "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no document in" in done.stderr
    (tmp_path / "file").touch()
    done = run("batch", "examples/letter.pdf", "--out", tmp_path / "file")
    assert done.returncode == 2
    assert "is a file; --out takes a folder" in done.stderr


def test_an_endpoint_that_refuses_the_key_is_exit_status_three(archive: Archive) -> None:
    archive.server.key = "secret"
    done = archive.batch()
    assert done.returncode == 3
    assert "LIGHTON_OCR_API_KEY" in done.stderr
