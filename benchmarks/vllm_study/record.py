"""A report that is written after every row, and a limit of time."""

import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lighton_ocr.errors import LightonOcrError

Row = dict[str, Any]
PACKAGES = ("vllm", "torch", "transformers", "flashinfer-python")


class Record:
    """Rows by name, with a head: what was run, when, where, and with which versions."""

    def __init__(self, path: Path, command: str, gpu: str, **head: Any) -> None:
        self._path = path
        self.rows: dict[str, Row] = {}
        self._report = {
            "date": datetime.now(UTC).isoformat(timespec="minutes")[:16],
            "command": command,
            "gpu": gpu,
            "machine": f"{gpu}, {os.cpu_count()} threads, {platform.system()}",
            "python": platform.python_version(),
            "versions": {name: _version(name) for name in PACKAGES},
            **head,
            "rows": self.rows,
        }

    def add(self, name: str, row: Row) -> None:
        """Add a row and write the whole report, atomically."""
        self.rows[name] = row
        new = self._path.with_suffix(".new")
        text = json.dumps(self._report, indent=1).replace(str(Path.home()), "~")
        new.write_text(text + "\n")
        new.replace(self._path)
        print(name, json.dumps(row)[:700], file=sys.stderr, flush=True)

    def measure(self, name: str, work: Callable[..., Row], *arguments: Any) -> None:
        """Add the row that `work` returns for its arguments, or the reason why it failed."""
        began = time.monotonic()
        try:
            row = work(*arguments)
        except LightonOcrError as error:
            row = {"fault": str(error)[-3000:]}
        except Exception:  # the study goes on with the next configuration
            row = {"fault": traceback.format_exc()[-3000:]}
        self.add(name, row | {"took_s": round(time.monotonic() - began, 1)})


def within(seconds: float, needed: float, names: Iterable[str]) -> Iterable[str]:
    """Yield the names in turn, as long as `needed` seconds are left for the next one."""
    deadline = time.monotonic() + seconds
    for name in names:
        if deadline - time.monotonic() < needed:
            print("no time left for", name, file=sys.stderr, flush=True)
            return
        yield name


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
