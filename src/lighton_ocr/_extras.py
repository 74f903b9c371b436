"""Libraries that are installed on request alone."""

import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError, distribution
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lighton_ocr.errors import UsageError


def missing(what: str, extra: str) -> UsageError:
    """The error for libraries that are not there, with the command that installs them."""
    return UsageError(f"{what}. Run: {install_command(extra)}")


def install_command(extra: str) -> str:
    """What installs an extra, from the folder that this package was installed from, if it was.

    The folder is known by PEP 610.
    """
    pip = [sys.executable, "-m", "pip", "install"]
    try:
        origin = json.loads(distribution("lighton-ocr").read_text("direct_url.json") or "{}")
    except PackageNotFoundError:  # found by its path alone
        origin = {}
    if "dir_info" not in origin:
        return shlex.join([*pip, f"lighton-ocr[{extra}]"])
    folder = url2pathname(urlsplit(origin["url"]).path)
    edited = ["--editable"] if origin["dir_info"].get("editable") else []
    return shlex.join([*pip, *edited, f"{folder}[{extra}]"])
