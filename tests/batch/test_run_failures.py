"""What fails in a batch, stops it or is refused, and what the next run makes of it."""

import signal
import subprocess
from pathlib import Path

import pytest
from starlette.responses import Response

from tests.support.batch_archive import BatchArchive, Done, run
from tests.support.command_line import COMMAND
from tests.support.corpus import (
    answer_by_image,
    image_digest,
    journal,
    manifest,
    pdf,
    results,
    text_of,
)
from tests.support.scripted_endpoint import status

pytestmark = pytest.mark.slow


def test_a_mistyped_name_is_a_usage_error_and_no_document(archive: BatchArchive) -> None:
    missing = archive.inputs / "no-such.pdf"
    done = archive.batch(missing)
    assert (done.returncode, archive.requests) == (2, 0)
    assert f"There is no file {missing}: is the name right?" in done.stderr
    assert not archive.out.exists() or manifest(archive.out) == {}


def test_what_can_never_be_read_is_not_promised_another_try(archive: BatchArchive) -> None:
    (archive.inputs / "broken.pdf").write_text("no PDF")
    done = archive.batch()
    assert done.returncode == 1
    assert "1 document cannot be read; " in done.stderr
    assert "tries again" not in done.stderr
    said = run("status", archive.out).stdout
    assert "finished; 1 document cannot be read, as manifest.jsonl says." in said


def test_a_bad_page_and_a_bad_document_fail_alone_and_are_retried(archive: BatchArchive) -> None:
    broken = archive.inputs / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and then nothing")
    # It is a copy: if the refused page were in it, the page might be asked for twice.
    (archive.inputs / "box1" / "file1.pdf").unlink()
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


def test_too_many_failures_stop_the_run(archive: BatchArchive) -> None:
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


def test_a_full_disk_under_the_manifest_is_reported(archive: BatchArchive) -> None:
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


def test_ctrl_c_keeps_the_pages_read_and_tells_how_to_continue(archive: BatchArchive) -> None:
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


def test_a_second_batch_on_the_same_output_is_refused(archive: BatchArchive) -> None:
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


def test_an_endpoint_that_refuses_the_key_is_exit_status_three(archive: BatchArchive) -> None:
    archive.server.key = "secret"
    done = archive.batch()
    assert done.returncode == 3
    assert "LIGHTON_OCR_API_KEY" in done.stderr
