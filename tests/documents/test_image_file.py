import struct
import zlib
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from PIL import Image

from lighton_ocr.documents import Source, open_document
from lighton_ocr.documents.pages import Geometry, PageImage
from lighton_ocr.errors import DocumentError, PageError, UnknownFormat
from tests.support.drawn_pages import make_pdf

GEOMETRY = Geometry(1540, 28)


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def render(data: bytes, index: int = 0, geometry: Geometry = GEOMETRY) -> PageImage:
    with open_document(Source("a", data)) as document:
        return document.render(index, geometry)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP"])
def test_formats(format: str) -> None:
    page = render(saved(Image.new("RGB", (300, 200), (200, 30, 30)), format))
    assert page.image.size == (308, 224)
    red, green, blue = page.image.convert("RGB").tobytes()[-3:]
    assert red > 180
    assert max(green, blue) < 60


def test_every_page_of_a_tiff_and_one_of_an_animation() -> None:
    frames = [Image.new("L", (60, 60), shade) for shade in (0, 120, 240)]
    tiff = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    with open_document(Source("a.tif", tiff)) as document:
        assert document.page_count == 3
        shades = [document.render(index, GEOMETRY).image.getpixel((9, 9)) for index in (2, 0, 1)]
    assert shades == [240, 0, 120]
    gif = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with open_document(Source("a.gif", gif)) as document:
        assert document.page_count == 1


def test_transparency_lands_on_white() -> None:
    clear = Image.new("RGBA", (56, 56), (255, 0, 0, 0))
    assert render(saved(clear, "PNG")).image.convert("L").getextrema() == (255, 255)
    palette = Image.new("P", (56, 56), 0)
    assert render(saved(palette, "PNG", transparency=0)).image.convert("L").getextrema() == (
        255,
        255,
    )


def test_exif_orientation_is_honoured() -> None:
    image = Image.new("RGB", (200, 100), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    page = render(saved(image, "JPEG", exif=exif))
    assert page.image.width < page.image.height
    assert page.size_pt[0] < page.size_pt[1]


@pytest.mark.parametrize(
    ("mode", "format", "white"), [("I;16", "PNG", 65535), ("I;16", "PNG", 4095), ("F", "TIFF", 1.0)]
)
def test_the_lightest_of_a_deep_picture_is_white(mode: str, format: str, white: float) -> None:
    deep = Image.new(mode, (56, 56), white)
    for place in product(range(28), range(56)):
        deep.putpixel(place, white / 2 if mode == "F" else int(white) // 2)
    image = render(saved(deep, format)).image
    assert image.getpixel((9, 9)) in (126, 127, 128)
    assert image.getpixel((50, 9)) in (254, 255)


def test_cmyk_and_bilevel_pictures_become_eight_bit() -> None:
    cmyk = Image.new("CMYK", (56, 56), (0, 255, 255, 0))
    red, green, blue = render(saved(cmyk, "JPEG", quality=95)).image.tobytes()[-3:]
    assert red > 200
    assert max(green, blue) < 60
    assert render(saved(Image.new("1", (56, 56), 1), "PNG")).image.getpixel((9, 9)) == 255


def test_one_pixel_is_a_page() -> None:
    one = saved(Image.new("L", (1, 1), 0), "PNG")
    assert render(one).image.size == (28, 28)
    assert render(one, geometry=Geometry(1288, 28, enlarge=True)).image.size == (1288, 1288)


def test_a_decompression_bomb_is_refused_without_being_decoded() -> None:
    with (
        pytest.raises(DocumentError, match="million pixels"),
        open_document(Source("bomb.png", png_header(60_000, 60_000))) as document,
    ):
        document.render(0, GEOMETRY)


def test_a_damaged_picture_names_itself() -> None:
    whole = saved(Image.effect_noise((300, 300), 90), "PNG")
    with pytest.raises(PageError, match="Page 1 of a is damaged"):
        render(whole[: len(whole) // 2])


def test_text_is_no_picture() -> None:
    with pytest.raises(DocumentError, match="neither a PDF nor an image: it holds plain text"):
        open_document(Source("notes.pdf", b"Dear all,\nthis is text."))


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"\0\0\0\x18ftypheic", "is a HEIC photo or a video"),
        (b"\0\0\0\x18ftypavif", "is a damaged image"),
        (b"\xd0\xcf\x11\xe0", "is an Office document or an e-mail: save it as PDF"),
        (b"%!PS-Adobe-3.0", "is a PostScript or DjVu file: convert it to PDF"),
        (b"AT&TFORM\0\0\0\0DJVU", "is a PostScript or DjVu file: convert it to PDF"),
    ],
)
def test_what_cannot_be_read_is_named(head: bytes, says: str) -> None:
    with pytest.raises(UnknownFormat, match=says):
        open_document(Source("a", head + bytes(400)))


@pytest.mark.parametrize(
    ("head", "says"),
    [(b"PK\3\4" + bytes(30), "an archive"), (bytes(257) + b"ustar" + bytes(250), "an archive")],
)
def test_an_archive_is_not_read_as_the_first_pdf_in_it(head: bytes, says: str) -> None:
    with pytest.raises(UnknownFormat, match=says):
        open_document(Source("a", head + make_pdf()))


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)


def test_what_pillow_trips_over_becomes_a_sentence() -> None:
    frame = Image.new("L", (8, 8))
    whole = saved(frame, "TIFF", save_all=True, append_images=[frame])
    width = whole.rindex(struct.pack("<HH", 256, 4))  # the second frame's tag ImageWidth
    broken = whole[:width] + struct.pack("<H", 9999) + whole[width + 2 :]
    assert render(broken, 0).image.size == (28, 28)
    with pytest.raises(PageError, match="Page 2 of a is of a kind that cannot be decoded"):
        render(broken, 1)
