"""Tesseract, the OCR program, if it is installed: found once, and called for each image."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from lighton_ocr.errors import UsageError

NEEDS_TESSERACT = (
    "the program tesseract (Debian and Ubuntu: apt install tesseract-ocr; "
    "macOS: brew install tesseract)"
)
# Those of version 1 of the models.
_LANGUAGES = ("eng", "fra", "deu", "spa", "ita", "nld", "por", "swe", "dan")


@dataclass(frozen=True)
class Tesseract:
    """The installed program; it reads in all of `languages` (such as `eng+fra`)."""

    languages: str

    @classmethod
    def find(cls, needed_by: str) -> "Tesseract":
        """Return the program with those languages of version 1 that it has data for.

        Raises:
            UsageError: it is not installed, which `needed_by` needs, or has data for none of them.
        """
        if shutil.which("tesseract") is None:
            raise UsageError(f"{needed_by} needs {NEEDS_TESSERACT}.")
        command = ["tesseract", "--list-langs"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        installed = set(done.stdout.split())
        found = [name for name in _LANGUAGES if name in installed]
        if not found:
            raise UsageError(
                f"{needed_by} needs Tesseract's data for one of {', '.join(_LANGUAGES)} (Debian "
                "and Ubuntu: apt install tesseract-ocr-eng; macOS: brew install tesseract-lang)."
            )
        return cls("+".join(found))

    @property
    def command(self) -> list[str]:
        """The command that reads an image from standard input, as of 200 dpi."""
        return ["tesseract", "stdin", "stdout", "-l", self.languages, "--dpi", "200"]

    @property
    def environment(self) -> Mapping[str, str]:
        """Its environment variables: on one page, its threads mostly wait for each other."""
        return os.environ | {"OMP_THREAD_LIMIT": "1"}

    async def try_to_read(self, image: bytes, seconds: float) -> str:
        """Return the text of an encoded image; nothing if that fails or takes too long."""
        pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        with suppress(OSError, TimeoutError):
            process = await asyncio.create_subprocess_exec(
                *self.command, stdin=pipe, stdout=pipe, stderr=nowhere, env=self.environment
            )
            try:
                async with asyncio.timeout(seconds):
                    text, _ = await process.communicate(image)
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
            if process.returncode == 0:
                return text.decode(errors="replace").replace("\f", "").strip()
        return ""
