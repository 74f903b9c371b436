"""`batch --on modal` when something fails: Modal, a container, the connection, or this machine."""

import logging
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import modal
import pytest
from grpclib import Status

from lighton_ocr._extras import install_command
from lighton_ocr.batch.modal_client import silence_abandoned_tasks
from lighton_ocr.batch.modal_shards import find_pending_on_modal
from tests.support.corpus import journal, pdf, results
from tests.support.modal_archive import DISTINCT, DOCUMENTS, PAGES, SHARDS, Archive, pages_asked
from tests.support.modal_standin.batch_container import BatchContainer
from tests.support.modal_standin.client import REPOSITORY

POOL = """
import asyncio, sys
from pathlib import Path
from lighton_ocr.batch.worker_pool import DocumentLost
from lighton_ocr.batch.on_modal import ModalPool
from lighton_ocr.batch.shards import Shard
from lighton_ocr.catalog import find_model
from lighton_ocr.reading.attempts import PageBudget

pool = ModalPool.find(find_model("1b"), Path(sys.argv[1]))
files = {path.stem: path for path in Path(sys.argv[2]).rglob("*.pdf")}
"""
# Sending is cancelled at each of its steps, then the process ends.
CANCELLED = """
async def main():
    for turn in range(300):
        shard = Shard(str(turn), "png", PageBudget(), "check", ())
        sending = asyncio.create_task(pool.read(shard, files))
        for _ in range(turn % 60):
            await asyncio.sleep(0)
        sending.cancel()
        await asyncio.wait([sending])
        assert sending.cancelled()

asyncio.run(main())
"""
# All documents of a shard are gone.
GONE = """
for path in files.values():
    path.unlink()
try:
    asyncio.run(pool.read(Shard("gone", "png", PageBudget(), "check", ()), files))
except DocumentLost as fault:
    print(fault)
"""


def test_a_record_that_is_removed_while_it_is_read_is_not_pending(tmp_path: Path) -> None:
    (tmp_path / "modal").mkdir()
    (tmp_path / "modal" / "listed.json").symlink_to("gone")
    assert find_pending_on_modal(tmp_path) is None


def test_a_batch_that_is_killed_while_it_sends_continues(modal_archive: Archive) -> None:
    with subprocess.Popen(
        modal_archive.command, env=modal_archive.modal.env(), cwd=REPOSITORY
    ) as process:
        modal_archive.modal.plane.wait_until_awaited(2)
        process.kill()
    container = modal_archive.container()
    assert modal_archive.batch().returncode == 0
    container.stop()
    assert len(results(modal_archive.out)) == DOCUMENTS
    assert journal(modal_archive.out, "SELECT count(*), count(DISTINCT text) FROM pages") == [
        (DISTINCT, DISTINCT)
    ]


@pytest.mark.parametrize(("program", "says"), [(CANCELLED, ""), (GONE, "cannot be opened")])
def test_sending_that_is_cancelled_or_fails_leaves_no_traceback(
    modal_archive: Archive, program: str, says: str
) -> None:
    arguments = [str(modal_archive.out), str(modal_archive.inputs)]
    done = modal_archive.modal.run(sys.executable, "-c", POOL + program, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert says in done.stdout


def test_only_records_about_modals_client_are_silenced(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("asyncio")
    kept = list(logger.filters)
    silence_abandoned_tasks()
    try:
        logger.error("Task of %s was destroyed", modal.__file__)
        logger.error("Task of %s was destroyed", __file__)
    finally:
        logger.filters[:] = kept
    assert [record.args for record in caplog.records] == [(__file__,)]


def test_a_batch_continues_after_each_failure_of_modal(
    modal_archive: Archive, container: BatchContainer
) -> None:
    for procedure, status, next_step in [
        ("FunctionGetOutputs", Status.UNAVAILABLE, "collect"),
        ("FunctionGetOutputs", Status.INTERNAL, "collect"),
        ("FunctionGetOutputs", Status.RESOURCE_EXHAUSTED, "collect"),
        ("FunctionGetOutputs", Status.UNAUTHENTICATED, "collect"),
        ("VolumeGetFile2", Status.UNAVAILABLE, "collect"),
        ("VolumeRemoveFile2", Status.UNAVAILABLE, "remove"),
    ]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(modal_archive.modal.plane.refused, procedure, status)
            done = modal_archive.batch()
        assert done.returncode == 3, done.stderr
        assert "Modal cannot be reached: out of order" in done.stderr
        assert f"run the same command again to {next_step}" in done.stderr
        assert journal(modal_archive.out, "SELECT 1 FROM pages WHERE finish = 'error'") == []
    assert modal_archive.batch().returncode == 0
    assert modal_archive.sent == SHARDS
    assert len(results(modal_archive.out)) == DOCUMENTS
    assert modal_archive.left == []


def test_a_container_that_is_taken_away_is_replaced(
    modal_archive: Archive, container: BatchContainer
) -> None:
    container.preempt_once = True
    done = modal_archive.batch()
    assert done.returncode == 0, done.stderr
    assert container.starts == 2
    assert modal_archive.sent == SHARDS
    asked = pages_asked(container)
    assert len(asked) == DISTINCT
    assert max(asked.values()) == 2
    assert len(results(modal_archive.out)) == DOCUMENTS


def test_a_container_whose_vllm_dies_is_replaced(
    modal_archive: Archive, container: BatchContainer
) -> None:
    container.vllm_dies_once = True
    done = modal_archive.batch()
    assert done.returncode == 0, done.stderr
    assert container.starts == 2
    assert modal_archive.sent == SHARDS
    assert len(results(modal_archive.out)) == DOCUMENTS


def test_a_vllm_that_does_not_start_is_tried_once_and_the_batch_says_why(
    modal_archive: Archive, container: BatchContainer
) -> None:
    container.vllm_dies_starting = True
    done = modal_archive.batch()
    assert done.returncode == 1
    assert "No engine: vLLM ended with exit code 3 before it was ready." in done.stderr
    assert "CUDA out of memory" in done.stderr
    assert container.starts == 1  # Modal would start containers without end if a start raised
    assert modal_archive.sent == SHARDS


def test_a_failure_of_modal_in_a_container_fails_the_shard(
    modal_archive: Archive, container: BatchContainer
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(modal_archive.modal.plane.refused, "VolumeReload", Status.UNAUTHENTICATED)
        done = modal_archive.batch()
    assert done.returncode == 1  # it is not taken for a failure of the connection to Modal
    assert "failed on Modal (RuntimeError: AuthError: out of order)" in done.stderr
    assert modal_archive.batch().returncode == 0
    assert set(pages_asked(container).values()) == {1}


def test_a_shard_that_fails_for_good_is_read_by_the_next_run(modal_archive: Archive) -> None:
    async def fails(*_: Any) -> None:
        raise RuntimeError("CUDA out of memory")

    modal_archive.modal.plane.take_container(fails)
    done = modal_archive.batch()
    assert done.returncode == 1
    assert "failed on Modal (RuntimeError: CUDA out of memory)" in done.stderr
    container = modal_archive.container()
    assert modal_archive.batch().returncode == 0
    container.stop()
    assert "could not be read" not in "".join(results(modal_archive.out).values())


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"LIGHTON_OCR_MODEL": "3-4b"}, "Run: make deploy MODEL=3-4b"),
        ({"MODAL_TOKEN_ID": "ak-wrong"}, "not signed in. Run: modal setup"),
    ],
    ids=["not deployed", "not signed in"],
)
def test_an_app_that_cannot_be_used_is_exit_status_three(
    modal_archive: Archive, environment: dict[str, str], says: str
) -> None:
    done = modal_archive.batch(**environment)
    assert done.returncode == 3
    assert says in done.stderr


def test_a_missing_client_is_named_with_its_install_command(modal_archive: Archive) -> None:
    hidden = modal_archive.folder / "hidden"
    hidden.mkdir()
    (hidden / "modal.py").write_text("raise ImportError")
    done = modal_archive.batch(PYTHONPATH=f"{hidden}{os.pathsep}{REPOSITORY / 'src'}")
    assert done.returncode == 2
    assert install_command("modal") in done.stderr


def test_a_document_that_is_gone_when_it_is_sent_fails_alone(
    modal_archive: Archive, container: BatchContainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: dict[str, Path] = {}
    for path in modal_archive.inputs.rglob("*.pdf"):  # no volume has seen these
        path.write_bytes(pdf(f"gone {path.stem}", PAGES))
        files[sha256(path.read_bytes()).hexdigest()] = path
    plane, lost = modal_archive.modal.plane, list[str]()
    take_files = plane.VolumePutFiles2

    def lose_first(request: Any) -> Any:
        if not lost:
            lost.append(Path(request.files[0].path).name)
            files[lost[0]].unlink()
        return take_files(request)

    monkeypatch.setattr(plane, "VolumePutFiles2", lose_first)
    done = modal_archive.batch()
    assert done.returncode == 1
    assert f"{files[lost[0]]} cannot be opened: No such file or directory." in done.stderr
    assert journal(
        modal_archive.out, "SELECT digest, finish, count(*) FROM pages GROUP BY 1, 2"
    ) == [(digest, "error" if digest == lost[0] else "stop", PAGES) for digest in sorted(files)]
    assert modal_archive.left == []
