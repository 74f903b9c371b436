"""Unpack the bodies of answers that a server or gateway has compressed."""

import zlib
from collections.abc import AsyncIterable, AsyncIterator, Iterator

from lighton_ocr.errors import RequestFailed

_GZIP, _ZLIB = 0x1F, 0x78  # their first bytes; no text begins with the first of them
_EITHER = 32 + zlib.MAX_WBITS
_CHUNK = 1 << 16  # bytes; a few packed ones may stand for any number


async def unpack_body(
    chunks: AsyncIterable[bytes], *, may_be_zlib: bool = False
) -> AsyncIterator[bytes]:
    """Unpack a body chunk by chunk if its first byte says that it is packed.

    Gateways pack without saying so, and say so of what is plain.

    Raises:
        RequestFailed: the body is damaged.
    """
    unpacker = None
    is_first = True
    async for chunk in chunks:
        if is_first and chunk:
            is_first = False
            if chunk[0] == _GZIP or (may_be_zlib and chunk[0] == _ZLIB):
                unpacker = _Unpacker()
        if unpacker is None:
            yield chunk
            continue
        try:
            for unpacked in unpacker.unpack(chunk):
                yield unpacked
        except zlib.error:
            raise RequestFailed("the answer is compressed, and cannot be unpacked") from None


class _Unpacker:
    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_EITHER)

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        while packed:
            if self._zlib.eof:  # some servers pack each event by itself
                self._zlib = zlib.decompressobj(_EITHER)
            while unpacked := self._zlib.decompress(packed, _CHUNK):
                yield unpacked
                packed = self._zlib.unconsumed_tail
            packed = self._zlib.unused_data
