"""Open and render ten thousand broken documents, and count the outcomes.

    PYTHONPATH=. python benchmarks/fuzz_documents.py > benchmarks/results/fuzz-documents.json

Each is a real document with one to twenty faults (tests/support/mutation.py). If the outcome is
neither pages nor one of our errors, the run ends with that document. The documents are made in
separate processes, because the memory of the generator grows with each.
"""

import json
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
from hypothesis import HealthCheck, given, seed, settings
from PIL import __version__ as pillow
from tests.support.fuzzed_reading import Reading
from tests.support.mutation import mutated

PARTS, DOCUMENTS = 10, 1500  # including some duplicates
SEED = 20261123


def make(folder: Path, number: int) -> None:
    """Write the documents of one part."""
    made: set[bytes] = set()

    @seed(number)
    @settings(
        max_examples=DOCUMENTS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutated())
    def each(data: bytes) -> None:
        (folder / f"{len(made):05}").write_bytes(data)
        made.add(data)

    each()


def main() -> None:
    documents, slowest = 0, 0.0
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, Reading(Path(scratch)) as reading:
        after_first = 0.0
        for part in range(PARTS):
            with tempfile.TemporaryDirectory() as made:
                subprocess.run([sys.executable, __file__, made, str(SEED + part)], check=True)
                for path in sorted(Path(made).iterdir()):
                    begin = time.monotonic()
                    reading.read(path.read_bytes())
                    slowest = max(slowest, time.monotonic() - begin)
                    documents += 1
            after_first = after_first or reading.peak_mib
        report = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "machine": f"{platform.machine()}, {platform.system()}",
            "python": platform.python_version(),
            "pypdfium2": pypdfium2.version.PYPDFIUM_INFO.version,
            "pdfium": pypdfium2.version.PDFIUM_INFO.version,
            "pillow": pillow,
            "documents": documents,
            "outcomes": dict(reading.outcomes.most_common()),
            "drafted_pages": reading.drafted,
            "slowest_document_seconds": round(slowest, 2),
            "peak_memory_mib": round(reading.peak_mib),
            "peak_memory_mib_after_the_first_part": round(after_first),
            "seconds": round(time.monotonic() - start),
        }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        make(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        main()
