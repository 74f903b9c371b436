"""Repair image files whose pixels are good: faulty metadata, a missing end."""

import struct
import zlib

_PNG = b"\x89PNG\r\n\x1a\n"
# Of the chunks that a decoder may ignore, those that change what is seen: transparency, resolution,
# orientation, and the frames of animations.
_SEEN = {b"tRNS", b"pHYs", b"eXIf", b"acTL", b"fcTL", b"fdAT"}
_END_OF_JPEG = b"\xff\xd9"


def is_a_png(head: bytes) -> bool:
    """Return whether a file with these first bytes is a PNG."""
    return head.startswith(_PNG)


def without_metadata(data: bytes) -> bytes:
    """Return a PNG without its profiles and texts, which Pillow would check.

    A chunk that a decoder may ignore is left out, too, if its checksum is wrong.
    """
    kept = [_PNG]
    position = len(_PNG)
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">L4s", data, position)
        end = position + 12 + length
        if end > len(data):
            break
        is_critical = kind[:1].isupper()
        check = data[end - 4 : end]
        if is_critical or (
            kind in _SEEN and struct.pack(">L", zlib.crc32(data[position + 4 : end - 4])) == check
        ):
            kept.append(data[position:end])
        position = end
    kept.append(data[position:])  # of a file that was cut
    return b"".join(kept)


def end_jpeg(data: bytes) -> bytes:
    """Return a JPEG with an end: decoders paint gray what is missing."""
    return data + _END_OF_JPEG
