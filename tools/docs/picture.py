"""Draw docs/make-ocr.svg: the example letter beside what `make ocr` writes of it, read anew.

python tools/docs/picture.py
"""

import base64
import subprocess
import sys
from html import escape
from io import BytesIO
from pathlib import Path
from textwrap import wrap

from lighton_ocr.documents import load_source, open_document
from lighton_ocr.documents.pages import Geometry

ROOT = Path(__file__).parents[2]
LETTER = ROOT / "examples" / "letter.pdf"
TARGET = ROOT / "docs" / "make-ocr.svg"
COLUMNS = 78
SIZE, LINE = 13, 18  # of the terminal's letters and lines, in pixels
LETTER_WIDTH = 0.602 * SIZE  # of a letter in the usual monospaced faces
MARGIN = 20


def main() -> None:
    """Read the letter and set the two side by side."""
    lines = terminal_lines()
    height = LINE * len(lines) + 2 * MARGIN
    picture, page_width = page(height)
    left = page_width + MARGIN
    terminal_width = round(COLUMNS * LETTER_WIDTH) + 2 * MARGIN
    width = left + terminal_width
    rows = "\n".join(
        f'<text x="{left + MARGIN}" y="{MARGIN + LINE * number}" xml:space="preserve" '
        f'fill="{colour}">{escape(line)}</text>'
        for number, (line, colour) in enumerate(lines, 1)
    )
    TARGET.write_text(f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
font-family="Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="{SIZE}">
<title>A letter, and what make ocr writes of it</title>
<image href="data:image/png;base64,{picture}" width="{page_width}" height="{height}"/>
<rect width="{page_width}" height="{height}" fill="none" stroke="#c8ccd2"/>
<rect x="{left}" width="{terminal_width}" height="{height}" rx="10" fill="#1b2430"/>
{rows}
</svg>
""")


def page(height: int) -> tuple[str, int]:
    """The letter as base64 PNG, twice as fine as it is shown, and the width it is shown at."""
    with open_document(load_source(str(LETTER))) as document:
        image = document.render(0, Geometry(2 * height, 2)).image
    file = BytesIO()
    image.quantize(16).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode(), image.width // 2


def terminal_lines() -> list[tuple[str, str]]:
    """The command, the notice and the text, as a terminal of COLUMNS shows them, with colours."""
    done = subprocess.run(
        [sys.executable, "-m", "lighton_ocr", "read", LETTER],
        check=True,
        capture_output=True,
        text=True,
    )
    parts = [("$ make ocr", "#8fd3a8"), (done.stderr, "#8a97a8"), (done.stdout, "#e8ecf1")]
    return [
        (piece, colour)
        for text, colour in parts
        for line in text.splitlines()
        for piece in wrap(line, COLUMNS) or [""]
    ]


if __name__ == "__main__":
    main()
