"""The PDFs of Debian packages, some of them gzipped."""

import gzip
from pathlib import Path


def documents(root: Path) -> list[Path]:
    """The folder's PDFs, plain or gzipped, links left out."""
    found = (path for path in root.rglob("*") if path.name.endswith((".pdf", ".pdf.gz")))
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def content(path: Path) -> bytes:
    """The PDF in the file."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
