"""What pdfium does not report about a page, found in a copy of that page.

pdfium writes a copy plainly: decrypted, each object on its own, streams encoded as they were.
"""

import base64
import re
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

import pypdfium2 as pdfium

_PAGE = re.compile(rb"/Kids\[ (\d+) 0 R ")
_USER_UNIT = re.compile(rb"/UserUnit ([0-9.]+)")
_CONTENTS = re.compile(rb"/Contents ?(?:(\d+ 0 R)|\[([^\]]*)\])")
_LENGTH = re.compile(rb"/Length (\d+)")
_FILTERS = re.compile(rb"/Filter ?(?:/(\w+)|\[([^\]]*)\])")
_PAINTS = re.compile(rb"\s(?:Do|sh|BI)\s")  # operators for images, shadings and parts of pages
_OBJECT, _STREAM, _END = b" 0 obj\r\n", b">>stream\r\n", b"endobj"
_DECODERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"FlateDecode": lambda data: zlib.decompressobj().decompress(data),
    b"ASCII85Decode": lambda data: base64.a85decode(data.partition(b"~>")[0]),
    b"ASCIIHexDecode": lambda data: bytes.fromhex(data.partition(b">")[0].decode("ascii")),
}
_OTHER_FILTERS = {b"LZWDecode", b"RunLengthDecode"}  # not looked into


def copy_page(document: pdfium.PdfDocument, index: int) -> bytes:
    """Return a PDF that holds one page of the document."""
    copy = pdfium.PdfDocument.new()
    try:
        copy.import_pages(document, [index])
        file = BytesIO()
        copy.save(file)
        return file.getvalue()
    finally:
        copy.close()


def user_unit(copy: bytes) -> float:
    """Return how large the page's unit is, in points; pdfium takes it for one point."""
    stated = _USER_UNIT.search(_page(copy))
    try:
        return float(stated[1]) if stated else 1.0
    except ValueError:
        return 1.0


def has_lost_content(copy: bytes) -> bool:
    """Return whether the content of a page without objects cannot be decoded, or paints something.

    The content of a page that is really blank can be decoded, and paints nothing.
    """
    try:
        contents = [_decoded(*stream) for stream in _contents(copy)]
        for stream in _forms(copy):
            _decoded(*stream)
    except (ValueError, zlib.error):
        return True
    return any(_PAINTS.search(b" %b " % content) for content in contents)


def _page(copy: bytes) -> bytes:
    """Return the page's dictionary."""
    page = _PAGE.search(copy)
    start = _start(copy, page[1]) if page else 0
    return copy[start : copy.find(_END, start)]


def _contents(copy: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the streams of the page's own content: dictionary and data."""
    references = _CONTENTS.search(_page(copy))
    for number in re.findall(rb"(\d+) 0 R", references[1] or references[2] if references else b""):
        if stream := _stream(copy, _start(copy, number)):
            yield stream


def _forms(copy: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the streams of parts of the page (form XObjects)."""
    for form in re.finditer(rb"/Subtype ?/Form", copy):
        start = copy.rfind(_OBJECT, 0, form.start()) + len(_OBJECT)
        if stream := _stream(copy, start):
            yield stream


def _start(copy: bytes, number: bytes) -> int:
    head = b"\n" + number + _OBJECT
    return copy.find(head) + len(head)


def _stream(copy: bytes, start: int) -> tuple[bytes, bytes] | None:
    end = copy.find(_STREAM, start, copy.find(_END, start))
    length = _LENGTH.findall(copy, start, max(end, start))
    if not length:
        return None
    data = end + len(_STREAM)
    return copy[start:end], copy[data : data + int(length[-1])]


def _decoded(dictionary: bytes, data: bytes) -> bytes:
    filters = _FILTERS.search(dictionary)
    if not data.strip() or filters is None:
        return data
    for name in re.findall(rb"\w+", filters[1] or filters[2]):
        if name in _OTHER_FILTERS:
            return b""
        if name not in _DECODERS:
            raise ValueError(name)
        data = _DECODERS[name](data)
    return data
