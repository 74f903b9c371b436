import json
import shlex
import sys
from pathlib import Path

import pytest

from lighton_ocr._extras import install_command

FOLDER = "/home/a user/lighton-ocr"
URL = "file:///home/a%20user/lighton-ocr"


@pytest.mark.parametrize(
    ("origin", "installs"),
    [
        (None, ["lighton-ocr[s3]"]),
        ({"url": "https://host/a.whl", "archive_info": {}}, ["lighton-ocr[s3]"]),
        ({"url": URL, "dir_info": {}}, [f"{FOLDER}[s3]"]),
        ({"url": URL, "dir_info": {"editable": True}}, ["--editable", f"{FOLDER}[s3]"]),
    ],
)
def test_an_extra_comes_from_where_the_package_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: object, installs: list[str]
) -> None:
    record = tmp_path / "lighton_ocr-0.1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Name: lighton-ocr\nVersion: 0.1.0\n")
    if origin:
        (record / "direct_url.json").write_text(json.dumps(origin))
    monkeypatch.syspath_prepend(tmp_path)
    command = [sys.executable, "-m", "pip", "install", *installs]
    assert shlex.split(install_command("s3")) == command
