"""Kill a batch with SIGKILL a thousand times, at random requests, SQL statements and file writes.

    PYTHONPATH=. python benchmarks/batch_kills.py > benchmarks/results/batch-kills.json

Compares the results with those of an undisturbed run, and counts the pages that were requested
again although they were on the disk. The endpoint is scripted; everything else is real.
"""

import json
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.support.corpus import journal, make_corpus, manifest, results
from tests.support.killing import run_and_kill
from tests.support.scripted_endpoint import ScriptedEndpoint

KILLS = 1000
DOCUMENTS, PAGES = 1000, 5
SEED = 20261123


def main(folder: Path, kills: int) -> None:
    inputs = make_corpus(folder / "in", DOCUMENTS, PAGES)
    start = time.monotonic()
    with ScriptedEndpoint() as server:
        arguments = [str(inputs), "--url", server.url]
        run_and_kill(arguments, folder / "quiet", 0, server, SEED)
        done = run_and_kill(arguments, folder / "out", kills, server, SEED)
    quiet, out = results(folder / "quiet"), results(folder / "out")
    ((rows, different),) = journal(
        folder / "out", "SELECT count(*), count(DISTINCT text) FROM pages"
    )
    report = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
        "documents": DOCUMENTS,
        "pages": DOCUMENTS * PAGES,
        "distinct_pages": (DOCUMENTS - 1) * PAGES,
        "kills": done.count,
        "kills_by_moment": done.by_moment,
        "pages_in_the_journal": rows,
        "distinct_texts_in_the_journal": different,
        "pages_asked_for_again_though_on_disk": len(done.asked_again),
        "results": len(out),
        "results_that_differ_from_an_undisturbed_run": sum(
            out.get(name) != text for name, text in quiet.items()
        ),
        "lines_in_the_manifest": len(manifest(folder / "out")),
        "seconds": round(time.monotonic() - start),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(scratch), int(sys.argv[1]) if len(sys.argv) > 1 else KILLS)
