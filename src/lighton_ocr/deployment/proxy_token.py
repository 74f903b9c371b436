"""Stores a new proxy token in .env, where every make target finds it.

modal workspace proxy-tokens create --json | python -m lighton_ocr.deployment.proxy_token
"""

import json
import os
import sys
from pathlib import Path

VARIABLE = "LIGHTON_OCR_API_KEY"


def store(answer: str, path: Path) -> None:
    """Write Modal's JSON answer to `path` as a variable; other lines stay, the mode becomes 600.

    Raises:
        ValueError: the answer has no proxy token.
    """
    try:
        token = json.loads(answer)
        key = f"{token['Modal-Key']}.{token['Modal-Secret']}"
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError("Modal's answer has no proxy token; nothing was stored.") from error
    old = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [line for line in old if not line.startswith(f"{VARIABLE}=")]
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join([*kept, f"{VARIABLE}={key}"]) + "\n")
    new.replace(path)


if __name__ == "__main__":
    try:
        store(sys.stdin.read(), Path(".env"))
    except ValueError as error:
        sys.exit(str(error))
