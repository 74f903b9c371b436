import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

GROWTH = """
from pathlib import Path
from lighton_ocr.server.run import return_large_buffers

def resident_mib():
    return int(Path("/proc/self/statm").read_text().split()[1]) >> 8

return_large_buffers()
before = resident_mib()
for _ in range(2):
    large = b"x" * (20 << 20)  # a large request
    kept = [bytes(1000) for _ in range(1000)]  # behind it in the heap
    del large
print(resident_mib() - before)
"""


def test_the_memory_of_a_large_request_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", GROWTH], capture_output=True, check=True)
    assert int(done.stdout) < 10
