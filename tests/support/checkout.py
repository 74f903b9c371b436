"""A checkout in which to run what the documents say."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

MINUTES = 60


@dataclass(frozen=True)
class Checkout:
    """A folder like a checkout, with sample documents, and an environment to run commands in."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in the folder and wait for it."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=10 * MINUTES,
            check=False,
        )
