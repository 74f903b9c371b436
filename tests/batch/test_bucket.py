"""From bucket to bucket, against a real S3 server, whose writes fail in the middle."""

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lighton_ocr.batch.fetching import fetch, find_stamp
from lighton_ocr.batch.inputs import find_inputs
from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.run import BatchListener
from lighton_ocr.batch.session import BatchJob, run_batch
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.errors import DocumentError, UsageError
from tests.support.bucket import INPUTS, KEYS, OUTPUTS, Bucket, s3_server
from tests.support.corpus import pdf
from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow

NAMES = [f"box{number % 2}/file{number}" for number in range(6)]
PAGES = 2


class Said(BatchListener):
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def on_warning(self, sentence: str) -> None:
        self.warnings.append(sentence)


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    from s3fs import S3FileSystem

    with s3_server() as (url, bucket):
        for name, value in (KEYS | {"AWS_ENDPOINT_URL": url}).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        monkeypatch.setattr("lighton_ocr.batch.outputs._FIRST_PAUSE", 0.001)
        monkeypatch.setattr("lighton_ocr.batch.outputs._LONGEST_PAUSE", 0.001)
        for number, name in enumerate(NAMES):
            bucket.put(f"{name}.pdf", pdf(f"d{number}", PAGES))
        yield bucket
        S3FileSystem.clear_instance_cache()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A document in a bucket whose server is gone."""
    from s3fs import S3FileSystem

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    for name, value in (KEYS | {"AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": "1"}).items():
        monkeypatch.setenv(name, value)
    yield f"s3://{INPUTS}/a.pdf"
    S3FileSystem.clear_instance_cache()


def batch(server: ScriptedEndpoint) -> tuple[BatchStats, Said]:
    figures, said = BatchStats(), Said()
    plan = BatchPlan((f"s3://{INPUTS}",))
    run_batch(BatchJob(plan, f"s3://{OUTPUTS}/run", server.url), figures, said)
    return figures, said


def test_every_upload_fails_twice_and_all_is_written(
    bucket: Bucket, reading: ScriptedEndpoint
) -> None:
    tries: Counter[str] = Counter()

    def twice(key: str) -> int | None:
        tries[key] += 1
        return 403 if tries[key] <= 2 else None

    bucket.fault = twice
    figures, said = batch(reading)
    assert (figures.documents_done, figures.pages_read, figures.failures) == (6, 12, 0)
    assert said.warnings == []
    objects = bucket.objects()
    assert set(objects) == {f"run/{name}.md" for name in NAMES} | {"run/manifest.jsonl"}
    assert all(objects[f"run/{name}.md"].count("The page says") == PAGES for name in NAMES)
    lines = [json.loads(line) for line in objects["run/manifest.jsonl"].splitlines()]
    assert {line["source"] for line in lines} == {f"s3://{INPUTS}/{name}.pdf" for name in NAMES}
    assert {line["state"] for line in lines} == {"done"}


def test_what_cannot_be_written_is_written_by_the_next_run_and_not_read_again(
    bucket: Bucket, reading: ScriptedEndpoint
) -> None:
    refused = f"run/{NAMES[3]}.md"
    bucket.fault = lambda key: 403 if key == refused else None
    figures, said = batch(reading)
    assert (figures.documents_done, figures.documents_failed, figures.pages_read) == (5, 1, 12)
    (warning,) = said.warnings
    assert refused in warning
    assert "the next run writes them" in warning
    assert refused not in bucket.objects()

    bucket.fault = lambda _: None
    asked = len(reading.bodies)
    figures, said = batch(reading)
    assert (figures.documents_done, figures.failures) == (6, 0)
    assert said.warnings == []
    assert len(reading.bodies) == asked
    assert bucket.objects()[refused].count("The page says") == PAGES


def test_a_lost_connection_is_a_document_that_fails(nobody: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.pdf cannot be opened: Could not connect"):
        find_stamp(nobody)
    with pytest.raises(DocumentError, match=r"a\.pdf cannot be fetched: Could not connect"):
        fetch(nobody, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("argument", ["a.pdf", "*.pdf", ""])
def test_a_bucket_that_cannot_be_listed_is_one_sentence(nobody: str, argument: str) -> None:
    address = nobody.removesuffix("a.pdf") + argument
    with pytest.raises(UsageError, match=re.escape(f"{address} cannot be listed: Could not")):
        list(find_inputs([address]))


def test_a_changed_object_is_read_anew_and_nothing_else(
    bucket: Bucket, reading: ScriptedEndpoint
) -> None:
    batch(reading)
    before, asked = bucket.objects(), len(reading.bodies)
    bucket.put(f"{NAMES[0]}.pdf", pdf("changed", 3))
    figures, _ = batch(reading)
    assert (figures.pages_read, len(reading.bodies) - asked) == (3, 3)
    after = bucket.objects()
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {f"run/{NAMES[0]}.md", "run/manifest.jsonl"}
