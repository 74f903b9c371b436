"""From bucket to bucket, on a real S3 server, with uploads that fail in the middle."""

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lighton_ocr.batch.fetching import fetch, find_etag
from lighton_ocr.batch.inputs import find_inputs
from lighton_ocr.batch.resume import BatchPlan
from lighton_ocr.batch.run import BatchListener
from lighton_ocr.batch.session import BatchJob, run_batch
from lighton_ocr.batch.stats import BatchStats
from lighton_ocr.errors import DocumentError, UsageError
from lighton_ocr.formats.options import DEFAULT_OPTIONS, OutputOptions
from tests.support.bucket import INPUTS, KEYS, OUTPUTS, Bucket, s3_server
from tests.support.corpus import pdf
from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow

NAMES = [f"box{number % 2}/file{number}" for number in range(6)]
PAGES = 2


class Recorder(BatchListener):
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
def unreachable(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of a document in a bucket whose server does not answer."""
    from s3fs import S3FileSystem

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    for name, value in (KEYS | {"AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": "1"}).items():
        monkeypatch.setenv(name, value)
    yield f"s3://{INPUTS}/a.pdf"
    S3FileSystem.clear_instance_cache()


def batch(
    server: ScriptedEndpoint, options: OutputOptions = DEFAULT_OPTIONS
) -> tuple[BatchStats, Recorder]:
    stats, recorder = BatchStats(), Recorder()
    plan = BatchPlan((f"s3://{INPUTS}",), options=options)
    run_batch(BatchJob(plan, f"s3://{OUTPUTS}/run", server.url), stats, recorder)
    return stats, recorder


def test_uploads_are_retried(bucket: Bucket, endpoint: ScriptedEndpoint) -> None:
    uploads: Counter[str] = Counter()

    def twice(key: str) -> int | None:
        uploads[key] += 1
        return 403 if uploads[key] <= 2 else None

    bucket.fault = twice
    stats, recorder = batch(endpoint)
    assert (stats.documents_done, stats.pages_read, stats.failures) == (6, 12, 0)
    assert recorder.warnings == []
    objects = bucket.objects()
    assert set(objects) == {f"run/{name}.md" for name in NAMES} | {"run/manifest.jsonl"}
    assert all(objects[f"run/{name}.md"].count("The page says") == PAGES for name in NAMES)
    lines = [json.loads(line) for line in objects["run/manifest.jsonl"].splitlines()]
    assert {line["source"] for line in lines} == {f"s3://{INPUTS}/{name}.pdf" for name in NAMES}
    assert {line["state"] for line in lines} == {"done"}


def test_the_next_run_writes_what_could_not_be_written_without_reading_it_again(
    bucket: Bucket, endpoint: ScriptedEndpoint
) -> None:
    refused = f"run/{NAMES[3]}.md"
    bucket.fault = lambda key: 403 if key == refused else None
    stats, recorder = batch(endpoint)
    assert (stats.documents_done, stats.documents_failed, stats.pages_read) == (5, 1, 12)
    (warning,) = recorder.warnings
    assert refused in warning
    assert "the next run writes them" in warning
    assert refused not in bucket.objects()

    bucket.fault = lambda _: None
    asked = len(endpoint.bodies)
    stats, recorder = batch(endpoint)
    assert (stats.documents_done, stats.failures) == (6, 0)
    assert recorder.warnings == []
    assert len(endpoint.bodies) == asked
    assert bucket.objects()[refused].count("The page says") == PAGES


def test_a_lost_connection_fails_the_document(unreachable: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.pdf cannot be opened: Could not connect"):
        find_etag(unreachable)
    with pytest.raises(DocumentError, match=r"a\.pdf cannot be fetched: Could not connect"):
        fetch(unreachable, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("argument", ["a.pdf", "*.pdf", ""])
def test_a_bucket_that_cannot_be_listed_is_reported(unreachable: str, argument: str) -> None:
    address = unreachable.removesuffix("a.pdf") + argument
    with pytest.raises(UsageError, match=re.escape(f"{address} cannot be listed: Could not")):
        list(find_inputs([address]))


def test_only_changed_objects_are_read_again(bucket: Bucket, endpoint: ScriptedEndpoint) -> None:
    batch(endpoint)
    before, asked = bucket.objects(), len(endpoint.bodies)
    bucket.put(f"{NAMES[0]}.pdf", pdf("changed", 3))
    stats, _ = batch(endpoint)
    assert (stats.pages_read, len(endpoint.bodies) - asked) == (3, 3)
    after = bucket.objects()
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {f"run/{NAMES[0]}.md", "run/manifest.jsonl"}


def test_pages_of_an_earlier_version_do_not_stay(
    bucket: Bucket, endpoint: ScriptedEndpoint
) -> None:
    batch(endpoint, OutputOptions(per_page=True))
    bucket.put(f"{NAMES[0]}.pdf", pdf("changed", 1))
    batch(endpoint, OutputOptions(per_page=True))
    pages = [key for key in bucket.objects() if key.startswith(f"run/{NAMES[0]}-pages/")]
    assert pages == [f"run/{NAMES[0]}-pages/page-0001.md"]
