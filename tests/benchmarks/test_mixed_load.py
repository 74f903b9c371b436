"""What the load of `lighton-ocr serve` takes for a fault, and what it sees of processes."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.mixed_load_requests import VOCABULARY, GoodDocument
from benchmarks.processes import Samples, processor_seconds

DICE = random.Random(0)
DOCUMENT, OTHER = (GoodDocument.draw(DICE, 2) for _ in range(2))
TEXTS, OTHER_TEXTS = ([" ".join(words) for words in each.pages] for each in (DOCUMENT, OTHER))


def test_the_own_pages_are_right() -> None:
    assert len(VOCABULARY) > 100
    assert DOCUMENT.fault(TEXTS) is None
    assert DOCUMENT.misread(TEXTS) == 0
    misread = [TEXTS[0].replace(DOCUMENT.pages[0][0], "mlsread"), TEXTS[1].title()]
    assert DOCUMENT.fault(misread) is None
    assert DOCUMENT.misread(misread) == 1


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        (OTHER_TEXTS, "on the page of"),
        ([TEXTS[1], TEXTS[0]], "on the page of"),
        ([TEXTS[0], f"{TEXTS[1]} {OTHER.pages[0][0]}"], OTHER.pages[0][0]),
        (TEXTS[:1], "1 pages instead of 2"),
        ([TEXTS[0], "another text"], "hardly a word"),
    ],
    ids=["another document", "the wrong order", "a word of another", "too few", "no word"],
)
def test_a_page_of_another_is_a_fault(texts: list[str], fault: str) -> None:
    assert fault in (DOCUMENT.fault(texts) or "")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_use_of_a_process_and_its_children(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    program = "import sys; data = bytearray(b'1' * (64 << 20)); print(1, flush=True); input()"
    pipe = subprocess.PIPE
    samples = Samples(os.getpid(), tmp_path)
    before = samples.look()
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe) as child:
        assert child.stdout
        child.stdout.readline()
        during = samples.look()
        assert processor_seconds(os.getpid())[1] > 0
        child.communicate(b"\n")
    assert during["temporary files"] == 1
    assert during["server: processes"] == before["server: processes"] + 1
    assert during["server: MiB"] > before["server: MiB"] + 64
