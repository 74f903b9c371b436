"""Weights from the model hub, which has the pocket model's files under another model's name."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lighton_ocr.catalog import find_model
from lighton_ocr.engines.llama_cpp.weights import find_weights
from tests.support.examples import EXAMPLES
from tests.support.model_hub import ModelHub

pytestmark = pytest.mark.slow

TEXT, IMAGES = "LightOnOCR-1B-1025-Q8_0.gguf", "mmproj-LightOnOCR-1B-1025-Q8_0.gguf"
FETCH = """
from lighton_ocr.catalog import find_model
from lighton_ocr.engines.llama_cpp.weights import find_weights
weights = find_weights(find_model("1b"))
print(weights.model.stat().st_size, weights.mmproj.stat().st_size)
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[ModelHub]:
    ours = find_weights(find_model("pocket"))
    other = tmp_path / "other"
    other.write_bytes(b"a file that is not needed")
    files = {TEXT: ours.model, IMAGES: ours.mmproj, "LightOnOCR-1B-1025-bf16.gguf": other}
    with ModelHub(find_model("1b").gguf or "", files) as server:
        yield server


def environment(hub: ModelHub, tmp_path: Path) -> dict[str, str]:
    return os.environ | {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hf")}


def fetch(hub: ModelHub, tmp_path: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", FETCH],
        env=environment(hub, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def sizes(hub: ModelHub) -> bytes:
    return b"%d %d\n" % (hub.files[TEXT].stat().st_size, hub.files[IMAGES].stat().st_size)


def test_a_model_on_the_hub_is_downloaded_once(hub: ModelHub, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lighton_ocr", "read", EXAMPLES / "letter.pdf", "--model", "1b"],
        env=environment(hub, tmp_path),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"%|" not in done.stderr  # no progress bars without a terminal
    assert b"three boxes of photographs" in done.stdout
    again = fetch(hub, tmp_path)
    assert again.communicate(timeout=120)[0] == sizes(hub)
    assert hub.downloads == {TEXT: 1, IMAGES: 1}


def test_two_processes_download_the_weights_once(hub: ModelHub, tmp_path: Path) -> None:
    processes = [fetch(hub, tmp_path) for _ in range(2)]
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out) == (0, sizes(hub)), err
    assert hub.downloads == {TEXT: 1, IMAGES: 1}


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX signal")
def test_a_killed_download_leaves_no_file_that_looks_complete(
    hub: ModelHub, tmp_path: Path
) -> None:
    hub.stalls = IMAGES
    process = fetch(hub, tmp_path)
    assert hub.stalled.wait(60)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not list((tmp_path / "hf").rglob(IMAGES))
    hub.stalls = None
    process = fetch(hub, tmp_path)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (0, sizes(hub)), err


def test_a_repository_without_the_files_is_an_error(hub: ModelHub, tmp_path: Path) -> None:
    del hub.files[IMAGES]
    process = fetch(hub, tmp_path)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert b"does not contain both *Q8_0.gguf and mmproj*Q8_0.gguf" in err
    assert b"`pocket` works" in err
