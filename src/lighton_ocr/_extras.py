"""Optional dependencies."""

import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError, distribution
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lighton_ocr.errors import UsageError


def missing(what: str, extra: str) -> UsageError:
    """Return the error for a missing optional dependency, with the command that installs it."""
    return UsageError(f"{what}. Run: {install_command(extra)}")


def install_command(extra: str) -> str:
    """Return the command that installs an extra.

    It names the folder that this package was installed from, if there is one (PEP 610).
    """
    pip = [sys.executable, "-m", "pip", "install"]
    try:
        origin = json.loads(distribution("lighton-ocr").read_text("direct_url.json") or "{}")
    except PackageNotFoundError:  # on the path, but not installed
        origin = {}
    if "dir_info" not in origin:
        return shlex.join([*pip, f"lighton-ocr[{extra}]"])
    folder = url2pathname(urlsplit(origin["url"]).path)
    edited = ["--editable"] if origin["dir_info"].get("editable") else []
    return shlex.join([*pip, *edited, f"{folder}[{extra}]"])
