"""Find the pictures of a PNM file: pdftoppm, for one, writes pages one behind the other."""

import re
from typing import BinaryIO

_NUMBER = rb"(?:\s|#[^\r\n]*[\r\n])+(\d{1,9})"  # behind spaces and comments
_HEADER = re.compile(
    rb"\s*(?P<start>P4|(?P<shades>P[56]))%b%b(?(shades)%b)\s" % (_NUMBER, _NUMBER, _NUMBER)
)
_LONGEST_HEADER = 1 << 12  # bytes
_CHANNELS = {b"P5": 1, b"P6": 3}
_MOST_PICTURES = 100_000


def find_pictures(file: BinaryIO) -> list[int]:
    """Return where each picture begins; none if the file does not begin as a binary PNM does.

    What follows a picture and is none itself is left out.
    """
    places: list[int] = []
    place = 0
    while len(places) < _MOST_PICTURES:
        file.seek(place)
        header = _HEADER.match(file.read(_LONGEST_HEADER))
        if header is None:
            break
        places.append(place + header.start("start"))
        place += header.end() + _pixel_bytes(header)
    return places


def _pixel_bytes(header: re.Match[bytes]) -> int:
    _, kind, *numbers = header.groups()
    width, height, largest = (int(number or 1) for number in numbers)
    if kind is None:
        return (width + 7) // 8 * height
    return width * height * _CHANNELS[kind] * (2 if largest > 255 else 1)
