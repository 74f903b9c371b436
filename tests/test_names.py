"""One name, one thing: whoever looks for a class finds one."""

import ast
from collections import defaultdict
from pathlib import Path

import lighton_ocr

PACKAGE = Path(lighton_ocr.__file__).parent


def test_no_two_classes_have_the_same_name() -> None:
    files: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                files[node.name.lstrip("_")].append(str(path.relative_to(PACKAGE)))
    assert {name: found for name, found in files.items() if len(found) > 1} == {}
    assert "Reader" in files
