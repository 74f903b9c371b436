"""`batch --on modal` with Modal's own client, a stand-in control plane, and the deployed class.

The class runs in a process that has nothing but the files that were deployed. A stand-in for vLLM
answers with a text that depends on the page image.
"""

import json
import signal
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.run import BatchListener
from lighton_ocr.batch.session import BatchJob, Place, run_batch
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.catalog import find_gpu, find_model
from lighton_ocr.deployment.image import REQUIREMENTS
from lighton_ocr.deployment.settings import BATCH_VOLUME
from lighton_ocr.deployment.shard_limits import shard_timeout_s
from lighton_ocr.errors import UsageError
from tests.support.corpus import journal, manifest, pdf, results
from tests.support.modal_archive import DISTINCT, DOCUMENTS, PAGES, SHARDS, Archive, pages_asked
from tests.support.modal_standin.batch_container import BatchContainer
from tests.support.modal_standin.client import REPOSITORY, Modal
from tests.support.scripted_endpoint import ScriptedEndpoint


def test_the_class_for_batches_is_deployed_with_its_resources(modal: Modal) -> None:
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
    assert sent.volumes["/root/.cache/huggingface"] == "lighton-ocr-weights"
    assert sent.image_env["MODEL"] == "lightonai/LightOnOCR-2-1B"
    assert not sent.web.type


@pytest.mark.parametrize(("model", "gpu", "minutes"), [("1b", "L4", 40), ("3-4b", "L4", 120)])
def test_a_container_has_time_for_its_shards(
    modal: Modal, model: str, gpu: str, minutes: int
) -> None:
    modal.deploy(MODEL=model, GPU=gpu)
    seconds = modal.last_deployment(batch=True).function.timeout_secs
    assert seconds == shard_timeout_s(find_model(model), find_gpu(gpu))
    assert seconds / 60 == pytest.approx(minutes, rel=0.1)


def test_rendering_has_cores_of_its_own(modal: Modal) -> None:
    modal.deploy(GPU="H200")
    assert modal.last_deployment(batch=True).function.resources.milli_cpu == 5000


@pytest.mark.slow
def test_the_image_has_every_library_that_the_container_imports() -> None:
    program = """
import sys
before = set(sys.modules)
import lighton_ocr.batch.modal_worker, lighton_ocr.deployment.image
import lighton_ocr.server.inside_vllm, lighton_ocr.formats.html, lighton_ocr.formats.txt
print(*{name.partition(".")[0] for name in set(sys.modules) - before})
"""
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    homes = packages_distributions()
    # Several packages may share a name: one of them is enough.
    wanted = [
        {canonicalize_name(home) for home in homes[name]}
        for name in done.stdout.split()
        # FastAPI can do without the second, anyio without the third.
        if name in homes and name not in ("lighton_ocr", "orjson", "sniffio")
    ]
    installed: set[str] = set()
    lines = REQUIREMENTS.with_suffix(".in").read_text().splitlines()
    given = [line for line in lines if not line.startswith(("#", "vllm", "transformers"))]
    new = [Requirement(line) for line in (*given, "modal")]
    while new:
        name = canonicalize_name(new.pop().name)
        if name not in installed:
            installed.add(name)
            needed = [Requirement(line) for line in requires(name) or []]
            new += [
                one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})
            ]
    assert [packages for packages in wanted if not packages & installed] == []
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    serve = project["optional-dependencies"]["serve"]
    assert set(given) <= {*project["dependencies"], *serve}


def test_a_batch_on_modal_gives_the_results_of_one_here(
    modal_archive: Archive, container: BatchContainer, endpoint: ScriptedEndpoint
) -> None:
    done = modal_archive.batch("--json")
    assert done.returncode == 0, done.stderr
    stats = json.loads(done.stdout)
    assert (stats["pages_read"], stats["documents_done"]) == (DISTINCT, DOCUMENTS)
    assert stats["engine_seconds"] > 0
    price = find_gpu("L4").price_per_second  # the container names its GPU
    assert stats["cost"] == pytest.approx(stats["engine_seconds"] * price, abs=1e-8)
    assert (modal_archive.sent, container.starts) == (SHARDS, 1)
    assert set(pages_asked(container).values()) == {1}
    assert modal_archive.left == []

    here = modal_archive.folder / "here"
    command = ["batch", str(modal_archive.inputs), "--out", str(here), "--url", endpoint.url]
    modal_archive.modal.run(sys.executable, "-m", "lighton_ocr", *command)
    assert results(modal_archive.out) == results(here)
    assert journal(modal_archive.out, "SELECT json ->> 'software' FROM settings") == [("vllm",)]
    same = "SELECT json_remove(json, '$.software') FROM settings"
    assert journal(modal_archive.out, same) == journal(here, same)
    attempts = journal(
        modal_archive.out, "SELECT sum(json_array_length(attempts)), min(finish) FROM pages"
    )
    assert attempts == [(DISTINCT, "stop")]
    modal_archive.batch()
    assert modal_archive.sent == SHARDS  # nothing is left to send


def test_an_interrupted_batch_collects_what_was_read_meanwhile(modal_archive: Archive) -> None:
    with subprocess.Popen(
        modal_archive.command,
        env=modal_archive.modal.env(),
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        modal_archive.modal.plane.wait_until_awaited(SHARDS)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert "and collects what Modal reads in the meantime" in said
    status = [sys.executable, "-m", "lighton_ocr", "status", str(modal_archive.out)]
    pending = f"{DISTINCT} pages in {SHARDS} shards"
    assert f"{pending}, 0 of them read" in modal_archive.modal.run(*status).stdout

    container = modal_archive.container()
    modal_archive.modal.plane.wait_until_over()
    assert f"{pending}, {SHARDS} of them read" in modal_archive.modal.run(*status).stdout
    done = modal_archive.batch()
    container.stop()
    assert done.returncode == 0, done.stderr
    assert modal_archive.sent == SHARDS
    assert len(results(modal_archive.out)) == DOCUMENTS
    assert len(manifest(modal_archive.out)) == DOCUMENTS
    assert "on Modal" not in modal_archive.modal.run(*status).stdout
    assert set(pages_asked(container).values()) == {1}


def test_passwords_are_not_stored_and_are_sent_again(modal_archive: Archive) -> None:
    for path in modal_archive.inputs.rglob("*.pdf"):
        path.write_bytes(pdf(path.stem, PAGES, password="sesame"))
    command = [*modal_archive.command, "--password", "sesame"]
    with subprocess.Popen(command, env=modal_archive.modal.env(), cwd=REPOSITORY) as process:
        modal_archive.modal.plane.wait_until_awaited(1)
        process.kill()
    state = modal_archive.out / ".lighton-ocr"
    kept = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    assert not [path for path, content in kept.items() if b"sesame" in content]

    for record in (state / "modal").glob("*.json"):  # as after a kill before the call was known
        record.write_text(json.dumps(json.loads(record.read_text()) | {"call": None}))
    modal_archive.modal.plane.function_calls.clear()
    container = modal_archive.container()
    assert modal_archive.batch("--password", "sesame").returncode == 0
    container.stop()
    assert set(pages_asked(container).values()) == {1}
    assert len(results(modal_archive.out)) == DOCUMENTS


def test_a_fine_tune_is_read_by_its_own_app(modal: Modal, tmp_path: Path) -> None:
    modal_archive = Archive(modal, tmp_path, MODEL="Acme/Invoices_v2", LIKE="2-1b")
    container = modal_archive.container()
    done = modal_archive.batch("--model", "Acme/Invoices_v2", "--like", "2-1b")
    container.stop()
    assert done.returncode == 0, done.stderr
    assert "on Modal, lighton-ocr-acme-invoices-v2-vllm" in done.stderr
    (settings,) = journal(modal_archive.out, "SELECT json FROM settings")[0]
    edge = find_model("2-1b").edge
    assert {"model": "Acme/Invoices_v2", "edge": edge}.items() <= json.loads(settings).items()
    assert len(results(modal_archive.out)) == DOCUMENTS
    missing = modal_archive.batch("--model", "acme/letters", "--like", "2-1b")
    assert missing.returncode == 3
    assert "make deploy MODEL=acme/letters LIKE=lightonai/LightOnOCR-2-1B" in missing.stderr


@pytest.mark.parametrize(
    ("on", "model", "says"),
    [
        ("modal", None, "needs --model organisation/name"),
        ("here", "acme/invoices", "name the checkpoint that it comes from: --model 2-1b"),
    ],
)
def test_like_is_for_a_fine_tune_on_modal(
    letter: Path, tmp_path: Path, on: Place, model: str | None, says: str
) -> None:
    plan = BatchPlan((str(letter),))
    job = BatchJob(plan, str(tmp_path / "out"), model=model, like="2-1b", on=on)
    with pytest.raises(UsageError, match=says):
        run_batch(job, BatchStats(), BatchListener())


def test_engine_is_refused_because_modal_starts_its_own(modal_archive: Archive) -> None:
    done = modal_archive.batch("--engine", "vllm")
    assert done.returncode == 2
    assert "leave --engine out" in done.stderr
