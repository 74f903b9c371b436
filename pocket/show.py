"""Pages beside what a reader made of them, as one picture for the model card.

    python -m pocket.show build/held/measured build/readings/NAME PICTURE.png PAGE …

A PAGE is named as in the results, such as `bash-doc:bashref.pdf#25`.
"""

import json
import sys
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pocket.samples import manual_pages

WIDTH, HEIGHT, LINES = 620, 860, 66


def pair(page: Image.Image, text: str) -> Image.Image:
    """The page on the left; on the right its reading, cut where the space ends."""
    out = Image.new("L", (2 * WIDTH, HEIGHT), 255)
    small = page.convert("L")
    small.thumbnail((WIDTH - 20, HEIGHT - 20), Image.Resampling.LANCZOS)
    out.paste(small, (10, 10))
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, 92) or [""] if part]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], "…"]
    draw = ImageDraw.Draw(out)
    font = ImageFont.load_default(11)
    draw.multiline_text((WIDTH + 10, 14), "\n".join(lines), 0, font, spacing=1)
    draw.line((WIDTH, 10, WIDTH, HEIGHT - 10), 160)
    return out


def main(manuals: str, readings: str, target: str, *names: str) -> None:
    found = {s.name: s.image for s in manual_pages(Path(manuals), 300) if s.name in names}
    whole = Image.new("L", (2 * WIDTH, HEIGHT * len(names)), 255)
    for row, name in enumerate(names):
        kept = Path(readings) / f"{name}.json"
        text = json.loads(kept.read_text(encoding="utf8"))["text"]
        whole.paste(pair(found[name], text), (0, row * HEIGHT))
    whole.quantize(8).save(target, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
