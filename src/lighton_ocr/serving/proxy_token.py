"""`… proxy-tokens create --json | python -m lighton_ocr.serving.proxy_token` keeps the key in .env."""

import json
import os
import sys
from pathlib import Path

VARIABLE = "LIGHTON_OCR_API_KEY"


def keep(answer: str, path: Path) -> None:
    """Write Modal's JSON answer to `path` as one variable; other lines stay, the mode becomes 600.

    Raises:
        ValueError: the answer holds no proxy token.
    """
    try:
        (row,) = [json.loads(answer)] if answer.lstrip().startswith("{") else json.loads(answer)
        fields = {str(name).lower().replace(" ", "_"): value for name, value in row.items()}
        key = f"{fields['token_id']}.{fields['token_secret']}"
    except (ValueError, LookupError, AttributeError) as error:
        raise ValueError("Modal's answer holds no proxy token; try `make token` again.") from error
    old = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [line for line in old if not line.startswith(f"{VARIABLE}=")]
    new = path.with_name(path.name + ".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join([*kept, f"{VARIABLE}={key}"]) + "\n")
    new.replace(path)


if __name__ == "__main__":
    try:
        keep(sys.stdin.read(), Path(".env"))
    except ValueError as error:
        sys.exit(str(error))
