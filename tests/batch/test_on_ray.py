"""`batch --on ray` on two nodes with the real engine; a worker and a node are killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lighton_ocr.batch.ray_actor import ActorResources, ShardActor
from lighton_ocr.catalog import find_model
from tests.support.corpus import journal, manifest, pdf, results

pytestmark = pytest.mark.slow

DOCUMENTS, PAGES, SHARD = 4, 4, 2
# The command with small shards; it prints a line when the pages of a shard are in the journal.
PROGRAM = f"""
import sys
from lighton_ocr.batch.on_ray import RayPool
from lighton_ocr.cli import main

class Telling(RayPool):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.shard_pages = {SHARD}

    async def acknowledge(self, shard):
        print("kept", file=sys.__stdout__, flush=True)

import lighton_ocr.batch.session
lighton_ocr.batch.session.RayPool = Telling
main()
"""

# The command with workers that do not start, and whose error has no message.
FAILING = """
import lighton_ocr.batch.on_ray
from lighton_ocr.cli import main

class ShardActor(lighton_ocr.batch.on_ray.ShardActor):
    async def start(self):
        raise MemoryError

lighton_ocr.batch.on_ray.ShardActor = ShardActor
main()
"""

# The command on a machine where documents are removed just before they are sent.
REMOVING = """
import lighton_ocr.batch.session
from lighton_ocr.batch.on_ray import RayPool
from lighton_ocr.cli import main

class Removing(RayPool):
    async def read(self, shard, files):
        for path in files.values():
            if path.name.startswith("lost"):
                path.unlink(missing_ok=True)
        return await super().read(shard, files)

lighton_ocr.batch.session.RayPool = Removing
main()
"""


class Nodes:
    """A head node without processors for workers, and two nodes with two processors each."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        health = {"health_check_period_ms": 300, "health_check_failure_threshold": 3}
        self._cluster: Any = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 0, "_system_config": health}
        )
        self.nodes = [self._cluster.add_node(num_cpus=2) for _ in range(2)]

    def stop(self) -> None:
        self._cluster.shutdown()

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"RAY_ADDRESS": self._cluster.address}

    def kill_worker(self, node: Any) -> None:
        (raylet,) = node.all_processes["raylet"]
        for pid in children(raylet.process.pid):
            if Path(f"/proc/{pid}/cmdline").read_text().startswith(f"ray::{ShardActor.__name__}"):
                os.kill(pid, signal.SIGKILL)
                return
        raise AssertionError("this node has no worker")

    def kill_node(self, node: Any) -> None:
        self._cluster.remove_node(node, allow_graceful=False)


def children(parent: int) -> list[int]:
    """Return the processes that a process has started."""
    tasks = Path(f"/proc/{parent}/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """One cluster: the test of a missing one comes before it, and the last test kills a node."""
    nodes = Nodes()
    yield nodes
    nodes.stop()


def test_a_missing_cluster_is_reported(tmp_path: Path) -> None:
    command = ["batch", "examples/letter.pdf", "--on", "ray", "--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "lighton_ocr", *command],
        env=os.environ | {"RAY_ADDRESS": "auto", "RAY_TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "No Ray cluster was found. `ray start --head`" in done.stderr


def test_documents_that_are_removed_before_they_are_sent_fail_alone(
    nodes: Nodes, tmp_path: Path
) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    lost = [f"lost{number}" for number in range(5)]  # more than there are workers
    for name in ("first", *lost, "other"):
        (inputs / f"{name}.pdf").write_bytes(pdf(name, 2, size=(700, 100)))
    command = ["batch", str(inputs), "--out", str(tmp_path / "out"), "--on", "ray"]
    done = subprocess.run(
        [sys.executable, "-c", REMOVING, *command],
        env=nodes.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    for name in lost:
        assert f"{inputs / name}.pdf cannot be opened: No such file or directory." in done.stderr
    found = journal(tmp_path / "out", "SELECT finish, count(*) FROM pages GROUP BY finish")
    assert found == [("error", 10), ("stop", 4)]


def test_workers_that_do_not_start_end_the_batch(nodes: Nodes, tmp_path: Path) -> None:
    command = ["batch", "examples/letter.pdf", "--on", "ray", "--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", FAILING, *command],
        env=nodes.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 3, done.stderr
    assert "No worker of the Ray cluster starts: MemoryError" in done.stderr


def test_the_resources_of_an_actor_decide_how_many_fit() -> None:
    cluster = {"CPU": 64.0, "GPU": 8.0, "memory": 512 * 2.0**30}
    assert ActorResources.of(find_model("pocket"), "embedded").count_in(cluster) == 32
    needs = ActorResources.of(find_model("3-4b"), "vllm")
    assert (needs.gpus, needs.count_in(cluster)) == (1, 8)
    assert needs.memory > 2 * 4.5e9
    assert needs.count_in({"CPU": 2.0}) == 1  # an autoscaler brings more


def test_a_killed_worker_and_a_killed_node_are_replaced(nodes: Nodes, tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    for number in range(DOCUMENTS):
        content = pdf(f"Invoice {number} page", PAGES, size=(700, 100))
        (inputs / f"file{number}.pdf").write_bytes(content)
    command = ["batch", str(inputs), "--out", str(tmp_path / "out"), "--on", "ray"]
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *command],
        env=nodes.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        kept = iter(process.stdout)
        next(kept)
        nodes.kill_worker(nodes.nodes[0])
        next(kept)
        nodes.kill_node(nodes.nodes[1])
        rest = list(kept)
        said = process.stderr.read() if process.stderr else ""
    assert process.returncode == 0, said
    assert "on 2 workers of a Ray cluster" in said
    assert rest == ["kept\n"] * (DOCUMENTS * PAGES // SHARD - 2)
    assert journal(tmp_path / "out", "SELECT finish, count(*) FROM pages GROUP BY finish") == [
        ("stop", DOCUMENTS * PAGES)
    ]
    assert len(manifest(tmp_path / "out")) == DOCUMENTS

    here = tmp_path / "here"
    command = ["batch", str(inputs), "--out", str(here)]
    subprocess.run([sys.executable, "-m", "lighton_ocr", *command], check=True)
    assert results(tmp_path / "out") == results(here)
