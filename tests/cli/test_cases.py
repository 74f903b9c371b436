"""Files from public reports, through `read` and `batch`: what is sent, and what is warned of."""

import base64
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scripted_endpoint import ScriptedEndpoint

pytestmark = pytest.mark.slow

CASES = Path(__file__).parents[1] / "cases"
# The pages that are sent of each file (cjk.pdf depends on the machine's fonts:
# tests/documents/test_lost_content.py), in pixels (width, height), and the warnings.
SENT = {
    "anim.gif": [(1008, 1400)],
    "badcontent.pdf": [(1092, 1540)] * 2,
    "badcrc.png": [(1008, 1400)],
    "bigicc.png": [(1008, 1400)],
    "corruptimage.pdf": [(1092, 1540)] * 2,
    "fax_std.tif": [(1176, 1540)],
    "noeoi.jpg": [(1008, 1400)],
    "p.avif": [(1008, 1400)],
    "p.jfif": [(1008, 1400)],
    "tinypage.pdf": [(1092, 1540)],
    "userunit.pdf": [(1204, 1540)],
    "white_on_transparent.png": [(1008, 1400)],
}
WARNINGS = {
    "badcontent.pdf": ["Page 2 came out blank, although its file has content that cannot be"],
    "corruptimage.pdf": ["Page 2 came out blank, although its file has an image that cannot be"],
    "noeoi.jpg": ["Page 1: the end of the image is missing"],
}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in SENT:
        (folder / name).write_bytes((CASES / name).read_bytes())
    return sorted(folder.iterdir())


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lighton_ocr", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def sizes(endpoint: ScriptedEndpoint) -> list[tuple[int, int]]:
    """The sizes of the images that were sent, from the headers of their PNG data."""
    found = []
    for body in endpoint.bodies:
        url = body["messages"][0]["content"][0]["image_url"]["url"]
        head = base64.b64decode(url.partition(",")[2][:40])
        found.append(struct.unpack(">LL", head[16:24]))
    return sorted(found)


def check_warnings(name: str, found: list[str], stderr: str) -> None:
    expected = WARNINGS.get(name, [])
    assert len(found) == len(expected), name
    for warning, beginning in zip(found, expected, strict=True):
        assert warning.startswith(beginning)
        assert warning in stderr


def test_read(scripted: ScriptedEndpoint, files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("read", *files, "--url", scripted.url, "-o", f"{out}/", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert sizes(scripted) == sorted(size for sent in SENT.values() for size in sent)
    for file in files:
        number = "-2" if file.name == "p.jfif" else ""  # p.avif comes first
        pages = json.loads((out / f"{file.stem}{number}.json").read_text())["pages"]
        found = [warning for page in pages for warning in page["warnings"]]
        check_warnings(file.name, found, done.stderr)


def test_batch(scripted: ScriptedEndpoint, files: list[Path], tmp_path: Path) -> None:
    done = run("batch", files[0].parent, "--url", scripted.url, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert sizes(scripted) == sorted(size for sent in SENT.values() for size in sent)
    lines = (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    assert len(entries) == len(SENT)
    for entry in entries:
        check_warnings(Path(entry["source"]).name, entry["warnings"], done.stderr)
