"""Notices that are shown once a day."""

from datetime import date

from platformdirs import user_state_path


def is_first_today(name: str) -> bool:
    """Whether this is the first call today with that name; always, if it cannot be remembered."""
    today = date.today().isoformat()
    try:
        file = user_state_path("lighton-ocr", appauthor=False, ensure_exists=True) / name
        if file.is_file() and file.read_text("utf-8") == today:
            return False
        file.write_text(today, "utf-8")
    except (OSError, RuntimeError, ValueError):  # RuntimeError: there is no home
        pass
    return True
