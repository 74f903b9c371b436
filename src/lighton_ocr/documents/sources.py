"""Find a document's bytes: in a file, on standard input, or on the web."""

import os
import sys
import tempfile
from dataclasses import dataclass
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self
from urllib.parse import unquote, urlsplit

from PIL import Image, ImageOps

from lighton_ocr._access import describe_os_error
from lighton_ocr._text import printable
from lighton_ocr.documents.web import FetchLimits, download, is_url, without_password
from lighton_ocr.errors import DocumentError, OutputError, UsageError

STDIN = "-"
FILE_TYPES = "PDF, PNG, JPEG, JPEG 2000, WebP, AVIF, TIFF, GIF, BMP and PNM"
# Of the formats that can be read; in folders, files with other suffixes are left out.
SUFFIXES = {
    *(".pdf", ".png", ".apng", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".dib", ".avif"),
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"),
    *(".pgm", ".ppm", ".pbm", ".pnm"),
}

_LONGEST_NAME = 200  # characters of an argument that messages repeat

# What `load_source` takes: a path, a web address or `-`; bytes, a file or an image in memory.
Input = str | os.PathLike[str] | bytes | BinaryIO | Image.Image


@dataclass(frozen=True)
class Source:
    """An input: its printable `name` as the user wrote it, and its path or its bytes."""

    name: str
    data: Path | bytes

    @property
    def label(self) -> str:
        """Its name in messages."""
        return "standard input" if self.name == STDIN else self.name

    @property
    def stem(self) -> str:
        """A short name for output files."""
        if self.name == STDIN:
            return "stdin"
        if isinstance(self.data, Path):
            return self.data.stem
        return url_stem(self.name) if is_url(self.name) else PurePosixPath(self.name).stem

    def head(self, size: int = 1024) -> bytes:
        """Return the first bytes, which tell the file's type."""
        if isinstance(self.data, bytes):
            return self.data[:size]
        with self.data.open("rb") as file:
            return file.read(size)

    def read(self) -> bytes:
        """Return all of its bytes."""
        return self.data if isinstance(self.data, bytes) else self.data.read_bytes()


@dataclass(frozen=True)
class DocumentFile:
    """A document's file on this machine: `name` for messages, `password` for encrypted PDFs."""

    path: Path
    name: str
    password: str | None = None


def load_source(argument: Input, limits: FetchLimits | None = None) -> Source:
    """Find the document behind an argument.

    It is a path, `-` for standard input, or an http(s) URL; or the document itself: its bytes, a
    file that is open for reading bytes, or a Pillow image.

    Raises:
        DocumentError: there is no such document, it is a folder, it is empty, it cannot be read,
            or the download fails or exceeds its limits.
        UsageError: the argument is none of these.
    """
    bounds = limits or FetchLimits()
    if isinstance(argument, str | os.PathLike):
        source = _load_named(os.fspath(argument), bounds)
    elif isinstance(argument, bytes | bytearray | memoryview):
        source = Source("document", bytes(argument))
    elif isinstance(argument, Image.Image):
        source = Source("image", _as_png(argument))
    elif hasattr(argument, "read"):
        source = _load_open(argument, bounds)
    else:
        raise UsageError(
            f"A document of type {type(argument).__name__} cannot be read. Pass a path, a URL, "
            "bytes, a file opened in binary mode, or a Pillow image."
        )
    if not source.head(1):
        raise DocumentError(f"{_shown(source.name)} is empty: there is nothing to read.")
    return source


class TemporaryFolder:
    """A folder that is made when it is first used, and removed at the end of the `with` block."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def write(self, data: bytes) -> Path:
        """Write a new file and return its path.

        Raises:
            OutputError: it cannot be written.
        """
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="lighton-ocr-")
            handle, name = tempfile.mkstemp(dir=self._folder.name)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
        except OSError as error:
            raise OutputError(
                f"A temporary file cannot be written: {error.strerror}. Set TMPDIR to a folder "
                "with space, or save the document and name its file."
            ) from None
        return Path(name)


def save_source(
    source: Source, folder: TemporaryFolder, password: str | None = None
) -> DocumentFile:
    """Return the source as a file on this machine; bytes are written to a new file in `folder`.

    Raises:
        OutputError: the folder cannot be written.
    """
    path = source.data if isinstance(source.data, Path) else folder.write(source.data)
    return DocumentFile(path, source.label, password)


def url_stem(url: str) -> str:
    """Return a short name for the document at a web address."""
    path = PurePosixPath(unquote(urlsplit(url).path))
    # An address such as arxiv.org/pdf/2412.13663 ends in no file type.
    name = path.stem if path.suffix.lower() in SUFFIXES else path.name
    return name or urlsplit(url).netloc


def _load_named(argument: str, limits: FetchLimits) -> Source:
    if not argument:
        raise UsageError("The name of the document is empty.")
    if argument == STDIN:
        return Source(STDIN, _read_all(sys.stdin.buffer, "Standard input", limits))
    if is_url(argument):
        file = BytesIO()
        download(argument, file, limits)
        return Source(without_password(argument), file.getvalue())
    return Source(printable(argument), _file(argument, limits))


def _load_open(file: BinaryIO, limits: FetchLimits) -> Source:
    given = getattr(file, "name", None)  # a number for files without a name
    name = printable(given) if isinstance(given, str) else "document"
    try:
        return Source(name, _read_all(file, name, limits))
    except (OSError, ValueError) as error:  # ValueError: it is closed
        raise DocumentError(f"{name} cannot be read: {error}.") from None


def _as_png(image: Image.Image) -> bytes:
    """Return an image as a PNG with its resolution, turned as its metadata say."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        upright = upright.convert("RGB")
    file = BytesIO()
    upright.save(file, "PNG", compress_level=1, dpi=image.info.get("dpi"))
    return file.getvalue()


def _file(argument: str, limits: FetchLimits) -> Path | bytes:
    """Return the path of a file, or what a pipe or device such as `/dev/stdin` gives."""
    path = Path(argument)
    name = printable(argument)
    if len(name) > _LONGEST_NAME:  # a document's text instead of its name, most likely
        name = f"{name[:_LONGEST_NAME]}…"
    try:
        if path.is_dir():
            raise DocumentError(
                f"{name} is a folder. `lighton-ocr batch {name} --out DIR` reads the documents in "
                "it; `lighton-ocr read` takes files."
            )
        with path.open("rb") as file:
            # What /dev/stdin and /dev/fd/63 are, only this process knows.
            if path.is_file() and not path.absolute().is_relative_to("/dev"):
                return path
            return _read_all(file, name, limits)
    except FileNotFoundError:
        raise DocumentError(f"There is no file {name}.{_hint(path)}") from None
    except OSError as error:
        raise DocumentError(
            f"{name} cannot be opened: {describe_os_error(error, path)}."
        ) from error
    except ValueError as error:  # a name with a zero byte
        raise DocumentError(f"{name} cannot be opened: {error}.") from None


def _hint(path: Path) -> str:
    """Return a sentence on what was probably meant by the path of a file that does not exist."""
    if ":/" in str(path):
        return " Only http and https addresses are read."
    try:
        names = [other.name for other in path.parent.iterdir() if other.suffix.lower() in SUFFIXES]
    except OSError:
        return ""
    near = get_close_matches(path.name, names, n=1)
    return f" Did you mean {printable(str(path.with_name(near[0])))}?" if near else ""


def _read_all(file: BinaryIO, name: str, limits: FetchLimits) -> bytes:
    data = file.read(limits.bytes + 1)
    if not isinstance(data, bytes):
        raise DocumentError(f"{name} returns text. Open it in binary mode: open(path, 'rb').")
    if len(data) > limits.bytes:
        raise DocumentError(
            f"{name} returns more than {limits.bytes >> 20} MiB. Save it and read the file instead."
        )
    return data


def _shown(argument: str) -> str:
    return "Standard input" if argument == STDIN else argument
