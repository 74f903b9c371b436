"""Write the pages that `text_study.py` reads: manuals that the pocket model was not trained on.

    python -m benchmarks.text_pages build/held/measured FOLDER 200 100

writes 200 pages as PNG and 100 of them as worn scans (JPEG) into FOLDER, and their texts into
FOLDER/truth.json. pocket/README.md says how to unpack the manuals.
"""

import json
import sys
from pathlib import Path

from pocket.samples import manual_pages, scan

TRUTH = "truth.json"


def main(manuals: str, target: str, clean: str, worn: str) -> None:
    """Write the pages, in gray, as the product sends them, and the text of each file."""
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    truth = {}
    pages = list(manual_pages(Path(manuals), max(int(clean), int(worn))))
    for number, page in enumerate(pages[: int(clean)]):
        truth[name := f"page-{number:03}.png"] = page.truth
        page.image.convert("L").save(folder / name, optimize=True)
    for number, page in enumerate(map(scan, pages[: int(worn)])):
        truth[name := f"scan-{number:03}.jpg"] = page.truth
        page.image.save(folder / name, quality="keep")
    (folder / TRUTH).write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
