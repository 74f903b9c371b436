"""Find the pages of a TIFF, and open each by itself: a damaged page does not hide the others."""

import mmap
import struct
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

_SIGNATURES = {b"II*\0": "<", b"MM\0*": ">", b"II+\0": "<", b"MM\0+": ">"}
_SUBFILE, _OLD_SUBFILE = 254, 255  # tags
_REDUCED, _MASK = 1, 4  # bits of the first
_OLD_REDUCED = 2  # value of the second
_SHORT = 3
_MOST_PAGES = 100_000


@dataclass(frozen=True)
class _Layout:
    """How a TIFF stores numbers: `order` is the byte order of `struct`."""

    order: str
    big: bool

    @property
    def offset(self) -> str:
        return self.order + ("Q" if self.big else "L")

    @property
    def first(self) -> int:
        """Where the header names the first frame."""
        return 8 if self.big else 4


def find_pages(file: BinaryIO) -> list[int] | None:
    """Return where the directory of each page lies; None if the file is no TIFF.

    Thumbnails, smaller copies of a page (pyramids) and masks are not pages. If a directory cannot
    be read, it is the last page.
    """
    layout = _layout(file)
    if layout is None:
        return None
    pages: dict[int, bool] = {}  # the frame's place: whether it is a page
    try:
        file.seek(layout.first)
        (place,) = _read(file, layout.offset)
        while place and place not in pages and len(pages) < _MOST_PAGES:
            pages[place] = True  # until its directory says otherwise
            pages[place], place = _read_directory(file, place, layout)
    except (struct.error, OverflowError, ValueError):
        pass  # cut here; opening the frame says what is wrong
    return [place for place, is_page in pages.items() if is_page] or list(pages)


def open_frame(data: Path | bytes, place: int) -> BinaryIO:
    """Return the file as one that begins with the frame whose directory lies at `place`."""
    view: BinaryIO
    if isinstance(data, bytes):
        view = BytesIO(data)
    else:
        with data.open("rb") as file:
            copied = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        view = cast(BinaryIO, copied)
    layout = _layout(view)
    assert layout is not None  # noqa: S101
    view.seek(layout.first)
    view.write(struct.pack(layout.offset, place))
    view.seek(0)
    return view


def _layout(file: BinaryIO) -> _Layout | None:
    file.seek(0)
    signature = file.read(4)
    order = _SIGNATURES.get(signature)
    return _Layout(order, b"+" in signature) if order else None


def _read_directory(file: BinaryIO, place: int, layout: _Layout) -> tuple[bool, int]:
    """Return whether the frame is a page, and where the next directory lies."""
    file.seek(place)
    (count,) = _read(file, layout.order + ("Q" if layout.big else "H"))
    is_page = True
    for _ in range(count):
        tag, kind, _ = _read(file, layout.order + ("HHQ" if layout.big else "HHL"))
        value = file.read(8 if layout.big else 4)
        # Writers store the value, a LONG, as a SHORT, too.
        (number,) = struct.unpack_from(layout.order + ("H" if kind == _SHORT else "L"), value)
        if tag == _SUBFILE and number & (_REDUCED | _MASK):
            is_page = False
        if tag == _OLD_SUBFILE and number == _OLD_REDUCED:
            is_page = False
    (following,) = _read(file, layout.offset)
    return is_page, following


def _read(file: BinaryIO, format: str) -> tuple[int, ...]:
    return struct.unpack(format, file.read(struct.calcsize(format)))
