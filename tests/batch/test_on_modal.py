"""`batch --on modal`: the real client, a stand-in control plane, and the deployed class by itself.

It runs in a process that has nothing but what was shipped. What stands for vLLM reads each picture
as a text of its own.
"""

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
from grpclib import Status
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lighton_ocr.batch.on_modal import find_away
from lighton_ocr.catalog import find_gpu
from lighton_ocr.serving.image import READING
from lighton_ocr.serving.settings import BATCH_VOLUME
from tests.batch.corpus import journal, make_corpus, manifest, pdf, picture_of, results
from tests.scripted_endpoint import ScriptedEndpoint
from tests.standin.batch_container import BatchContainer
from tests.standin.client import REPOSITORY, Finished, Modal

DOCUMENTS, PAGES, SHARD = 7, 3, 4
DISTINCT = (DOCUMENTS - 1) * PAGES  # two documents are the same
SHARDS = -(-DISTINCT // SHARD)
# The command, with shards that suit a small corpus.
PROGRAM = f"""
from lighton_ocr.batch.on_modal import ModalFleet
from lighton_ocr.cli import main
ModalFleet.shard_pages = {SHARD}
main()
"""


class Archive:
    """A corpus and an output, with Modal's client signed in and the app deployed."""

    def __init__(self, modal: Modal, folder: Path) -> None:
        self.modal = modal
        self.folder = folder
        self.inputs = make_corpus(folder / "in", DOCUMENTS, PAGES)
        self.out = folder / "out"
        modal.deploy()
        modal.plane.function_calls.clear()

    @property
    def command(self) -> list[str]:
        arguments = ["batch", str(self.inputs), "--out", str(self.out), "--on", "modal"]
        return [sys.executable, "-c", PROGRAM, *arguments]

    def batch(self, *arguments: str, **environment: str) -> Finished:
        done = self.modal.run(*self.command, *arguments, **environment)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def container(self) -> BatchContainer:
        return BatchContainer(self.modal, self.folder)

    @property
    def sent(self) -> int:
        return len(self.modal.plane.function_calls)


@pytest.fixture
def archive(modal: Modal, tmp_path: Path) -> Archive:
    return Archive(modal, tmp_path)


@pytest.fixture
def container(archive: Archive) -> Iterator[BatchContainer]:
    container = archive.container()
    yield container
    container.stop()


def pages_asked(container: BatchContainer) -> Counter[str]:
    """How often each page was sent to vLLM."""
    bodies = [event["body"] for event in container.events if event.get("body")]
    return Counter(picture_of(body) for body in bodies if body.get("stream"))


def test_what_is_deployed(modal: Modal) -> None:
    modal.deploy(MODEL="2-1b", GPU="L40S", MAX_CONTAINERS="8", CONCURRENCY="7", MIN_CONTAINERS="1")
    sent = modal.last_deployment(batch=True)
    function = sent.function
    assert function.resources.gpu_config.gpu_type == "L40S"
    assert function.resources.milli_cpu == 4000
    assert function.autoscaler_settings.max_containers == 8
    assert function.autoscaler_settings.min_containers == 0
    assert function.max_concurrent_inputs == 2
    assert function.retry_policy.retries == 3
    assert sent.volumes["/batch"] == BATCH_VOLUME
    assert sent.volumes["/root/.cache/huggingface"] == "huggingface-cache"
    assert sent.image_env["MODEL"] == "lightonai/LightOnOCR-2-1B"
    assert not sent.web.type


def test_the_container_needs_no_other_libraries_than_the_image_has() -> None:
    program = """
import sys
before = set(sys.modules)
import lighton_ocr.batch.container, lighton_ocr.serving.image
print(*{name.partition(".")[0] for name in set(sys.modules) - before})
"""
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    homes = packages_distributions()
    wanted = {
        canonicalize_name(home) for name in done.stdout.split() for home in homes.get(name, ())
    }
    installed: set[str] = set()
    new = [Requirement(line) for line in (*READING, "modal")]
    while new:
        name = canonicalize_name(new.pop().name)
        if name not in installed:
            installed.add(name)
            needed = [Requirement(line) for line in requires(name) or []]
            new += [
                one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})
            ]
    assert wanted - {"lighton-ocr"} <= installed
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert set(READING) <= set(project["dependencies"])


def test_from_beginning_to_end(
    archive: Archive, container: BatchContainer, reading: ScriptedEndpoint
) -> None:
    done = archive.batch("--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["pages_read"], figures["documents_done"]) == (DISTINCT, DOCUMENTS)
    assert figures["engine_seconds"] > 0
    price = find_gpu("L4").price_per_second  # the container says on which GPU
    assert figures["cost"] == pytest.approx(figures["engine_seconds"] * price, abs=1e-8)
    assert (archive.sent, container.starts) == (SHARDS, 1)
    assert set(pages_asked(container).values()) == {1}
    assert list(archive.modal.plane.files(BATCH_VOLUME)) == []

    here = archive.folder / "here"
    command = ["batch", str(archive.inputs), "--out", str(here), "--url", reading.url]
    archive.modal.run(sys.executable, "-m", "lighton_ocr", *command)
    assert results(archive.out) == results(here)
    assert journal(archive.out, "SELECT recipe FROM recipes") == journal(
        here, "SELECT recipe FROM recipes"
    )
    tries = journal(archive.out, "SELECT count(*), min(outcome) FROM tries")
    assert tries == [(DISTINCT, "stop")]
    archive.batch()
    assert archive.sent == SHARDS  # nothing is left to send


def test_leaving_and_coming_back(archive: Archive) -> None:
    with subprocess.Popen(
        archive.command, env=archive.modal.env(), cwd=REPOSITORY, stderr=subprocess.PIPE, text=True
    ) as process:
        archive.modal.plane.wait_until_awaited(SHARDS)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert "collects what is read there meanwhile" in said
    status = [sys.executable, "-m", "lighton_ocr", "status", str(archive.out)]
    away = f"{DISTINCT} pages in {SHARDS} shards"
    assert f"{away}, 0 of them read" in archive.modal.run(*status).stdout

    container = archive.container()
    archive.modal.plane.wait_until_over()
    assert f"{away}, {SHARDS} of them read" in archive.modal.run(*status).stdout
    done = archive.batch()
    container.stop()
    assert done.returncode == 0, done.stderr
    assert archive.sent == SHARDS
    assert len(results(archive.out)) == DOCUMENTS
    assert len(manifest(archive.out)) == DOCUMENTS
    assert "on Modal" not in archive.modal.run(*status).stdout
    assert set(pages_asked(container).values()) == {1}


def test_a_record_that_is_gone_when_it_is_read_is_not_away(tmp_path: Path) -> None:
    (tmp_path / "modal").mkdir()
    (tmp_path / "modal" / "listed.json").symlink_to("gone")
    assert find_away(tmp_path) is None


def test_passwords_are_in_no_file_and_sent_again(archive: Archive) -> None:
    for path in archive.inputs.rglob("*.pdf"):
        path.write_bytes(pdf(path.stem, PAGES, password="sesame"))
    command = [*archive.command, "--password", "sesame"]
    with subprocess.Popen(command, env=archive.modal.env(), cwd=REPOSITORY) as process:
        archive.modal.plane.wait_until_awaited(1)
        process.kill()
    state = archive.out / ".lighton-ocr"
    kept = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    assert not [path for path, content in kept.items() if b"sesame" in content]

    for record in (state / "modal").glob("*.json"):  # as if killed before the call was known
        record.write_text(json.dumps(json.loads(record.read_text()) | {"call": None}))
    archive.modal.plane.function_calls.clear()
    container = archive.container()
    assert archive.batch("--password", "sesame").returncode == 0
    container.stop()
    assert set(pages_asked(container).values()) == {1}
    assert len(results(archive.out)) == DOCUMENTS


def test_killed_while_it_sends(archive: Archive) -> None:
    with subprocess.Popen(archive.command, env=archive.modal.env(), cwd=REPOSITORY) as process:
        archive.modal.plane.wait_until_awaited(2)
        process.kill()
    container = archive.container()
    assert archive.batch().returncode == 0
    container.stop()
    assert len(results(archive.out)) == DOCUMENTS
    assert journal(archive.out, "SELECT count(*), count(DISTINCT text) FROM pages") == [
        (DISTINCT, DISTINCT)
    ]


@pytest.mark.parametrize(
    ("procedure", "status", "says"),
    [
        ("FunctionGetOutputs", Status.UNAVAILABLE, "the same command collects"),
        ("FunctionGetOutputs", Status.INTERNAL, "the same command collects"),
        ("FunctionGetOutputs", Status.RESOURCE_EXHAUSTED, "the same command collects"),
        ("FunctionGetOutputs", Status.UNAUTHENTICATED, "the same command collects"),
        ("VolumeGetFile2", Status.UNAVAILABLE, "the same command collects"),
        ("VolumeRemoveFile2", Status.UNAVAILABLE, "the same command removes what is left"),
    ],
)
def test_modal_fails_for_a_while(
    archive: Archive, container: BatchContainer, procedure: str, status: Status, says: str
) -> None:
    archive.modal.plane.refused[procedure] = status
    done = archive.batch()
    del archive.modal.plane.refused[procedure]
    assert done.returncode == 3, done.stderr
    assert "Modal cannot be reached: out of order" in done.stderr
    assert says in done.stderr
    assert journal(archive.out, "SELECT 1 FROM pages WHERE finish = 'error'") == []
    assert archive.batch().returncode == 0
    assert len(results(archive.out)) == DOCUMENTS
    assert list(archive.modal.plane.files(BATCH_VOLUME)) == []


def test_a_container_is_taken_away(archive: Archive, container: BatchContainer) -> None:
    container.preempt_once = True
    done = archive.batch()
    assert done.returncode == 0, done.stderr
    assert container.starts == 2
    assert archive.sent == SHARDS
    asked = pages_asked(container)
    assert len(asked) == DISTINCT
    assert max(asked.values()) == 2
    assert len(results(archive.out)) == DOCUMENTS


def test_a_shard_that_fails_for_good_is_read_by_the_next_run(archive: Archive) -> None:
    async def fails(*_: Any) -> None:
        raise RuntimeError("CUDA out of memory")

    archive.modal.plane.take_container(fails)
    done = archive.batch()
    assert done.returncode == 1
    assert "failed on Modal (RuntimeError: CUDA out of memory)" in done.stderr
    container = archive.container()
    assert archive.batch().returncode == 0
    container.stop()
    assert "could not be read" not in "".join(results(archive.out).values())


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"LIGHTON_OCR_MODEL": "3-4b"}, "Run: make deploy MODEL=3-4b"),
        ({"MODAL_TOKEN_ID": "ak-wrong"}, "not signed in. Run: modal setup"),
    ],
    ids=["not deployed", "not signed in"],
)
def test_nobody_there(archive: Archive, environment: dict[str, str], says: str) -> None:
    done = archive.batch(**environment)
    assert done.returncode == 3
    assert says in done.stderr


def test_without_modals_client(archive: Archive) -> None:
    hidden = archive.folder / "hidden"
    hidden.mkdir()
    (hidden / "modal.py").write_text("raise ImportError")
    done = archive.batch(PYTHONPATH=f"{hidden}{os.pathsep}{REPOSITORY / 'src'}")
    assert done.returncode == 2
    assert "pip install 'lighton-ocr[modal]'" in done.stderr


def test_modal_brings_its_own_engines(archive: Archive) -> None:
    done = archive.batch("--engine", "vllm")
    assert done.returncode == 2
    assert "leave --engine out" in done.stderr
