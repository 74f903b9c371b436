"""Draw the README's image, docs/make-ocr.svg: a letter, and the terminal in which it is read.

python -m tools.docs.readme_image runs `make ocr` and draws both; a test compares them with a run.
"""

import base64
import os
import re
import subprocess
import sys
from html import escape
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap

from lighton_ocr.documents import load_source, open_document
from lighton_ocr.documents.pages import Geometry

ROOT = Path(__file__).parents[2]
LETTER = ROOT / "examples" / "letter.pdf"
TARGET = ROOT / "docs" / "make-ocr.svg"
COLUMNS = 78
FONT_SIZE, LINE_HEIGHT = 13, 18  # of the terminal, in pixels
CHARACTER_WIDTH = 0.602 * FONT_SIZE  # in the usual monospaced fonts
MARGIN = 20


def main() -> None:
    """Read the letter and draw page and terminal side by side."""
    lines = terminal_lines()
    height = LINE_HEIGHT * len(lines) + 2 * MARGIN
    page, page_width = page_image(height)
    left = page_width + MARGIN
    terminal_width = round(COLUMNS * CHARACTER_WIDTH) + 2 * MARGIN
    width = left + terminal_width
    rows = "\n".join(
        f'<text x="{left + MARGIN}" y="{MARGIN + LINE_HEIGHT * number}" xml:space="preserve" '
        f'fill="{colour}">{escape(line)}</text>'
        for number, (line, colour) in enumerate(lines, 1)
    )
    TARGET.write_text(f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
font-family="Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="{FONT_SIZE}">
<title>A letter, and the text that make ocr prints</title>
<image href="data:image/png;base64,{page}" width="{page_width}" height="{height}"/>
<rect width="{page_width}" height="{height}" fill="none" stroke="#c8ccd2"/>
<rect x="{left}" width="{terminal_width}" height="{height}" rx="10" fill="#1b2430"/>
{rows}
</svg>
""")


def page_image(height: int) -> tuple[str, int]:
    """Return the page as base64 PNG at twice its displayed size, and its displayed width."""
    with open_document(load_source(str(LETTER))) as document:
        image = document.render(0, Geometry(2 * height, 2)).image
    file = BytesIO()
    image.quantize(16).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode(), image.width // 2


def terminal_lines() -> list[tuple[str, str]]:
    """Return the lines that a terminal of COLUMNS shows, each with its colour."""
    folder = Path(sys.executable).parent
    with TemporaryDirectory() as state:  # a user sees the notice with the first page of a day
        done = subprocess.run(
            ["make", "ocr", f"BIN={folder}", "-o", folder / "lighton-ocr"],
            cwd=ROOT,
            env=os.environ | {"XDG_STATE_HOME": state},
            check=True,
            capture_output=True,
            text=True,
        )
    # A machine that takes longer than 20 seconds also prints how far it is.
    said = re.sub(r"(?m)^\d+/\d+ pages.*\n", "", done.stderr)
    parts = [("$ make ocr", "#8fd3a8"), (said, "#8a97a8"), (done.stdout, "#e8ecf1")]
    return [
        (piece, colour)
        for text, colour in parts
        for line in text.splitlines()
        for piece in wrap(line, COLUMNS) or [""]
    ]


if __name__ == "__main__":
    main()
