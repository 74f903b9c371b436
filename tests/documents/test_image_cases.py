"""Image files as scanners, fax machines, telephones and drawing programs write them."""

import struct
import zlib
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, TiffImagePlugin

from lighton_ocr.documents import Source, open_document
from lighton_ocr.errors import DocumentError, PageError
from tests.support.drawn_images import GEOMETRY, ink, letters, pages

CASES = Path(__file__).parents[1] / "cases"
SUBFILE, OLD_SUBFILE, PHOTOMETRIC, SAMPLE_FORMAT = 254, 255, 262, 339


def tiff(*frames: tuple[Image.Image, dict[int, int]], big: bool = False) -> bytes:
    """A TIFF of these frames, each with further tags."""
    file = BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(file) as writer:
        for image, tags in frames:
            directory = TiffImagePlugin.ImageFileDirectory_v2()
            for tag, value in tags.items():
                directory[tag] = value
            image.save(writer, "TIFF", tiffinfo=directory, big_tiff=big)
            writer.newFrame()
    return file.getvalue()


def with_tag(whole: bytes, tag: int, value: int, start: int = 0) -> bytes:
    """That TIFF with the value of a tag changed, where it is found first."""
    place = whole.index(struct.pack("<HHL", tag, 3, 1), start) + 8
    return whole[:place] + struct.pack("<H", value) + whole[place + 2 :]


@pytest.mark.parametrize(
    "case", ["anim.gif", "badcrc.png", "bigicc.png", "p.avif", "p.jfif", "white_on_transparent.png"]
)
def test_files_that_show_the_same_letters(case: str) -> None:
    (page,) = pages(CASES / case)
    assert (page.image.size, page.warnings) == ((1008, 1400), ())
    left, top, right, bottom = ink(page)
    assert (left, right) == pytest.approx((80, 450), abs=15)
    assert (top, bottom) == pytest.approx((80, 330), abs=40)


def test_an_animation_in_which_nothing_is_seen_is_not_watched_to_its_end() -> None:
    blank, shown = Image.new("L", (60, 40), 255), Image.new("L", (60, 40), 255)
    shown.paste(0, (10, 10, 30, 20))
    for count, is_blank in ((20, False), (100, True)):
        # Frames that differ a little, or they would be stored as one.
        frames = [Image.new("L", (60, 40), 255 - index % 2) for index in range(count)]
        file = BytesIO()
        blank.save(file, "GIF", save_all=True, append_images=[*frames, shown])
        (page,) = pages(file.getvalue())
        assert page.is_blank == is_blank


def test_pixels_that_are_no_numbers_are_said() -> None:
    file = BytesIO()
    Image.new("F", (60, 40), float("inf")).save(file, "TIFF")
    with pytest.raises(PageError, match="some of its pixels are not numbers"):
        pages(file.getvalue())


def test_a_jpeg_without_its_end_is_read_with_a_warning() -> None:
    (page,) = pages(CASES / "noeoi.jpg")
    assert "the end of the image is missing" in page.warnings[0]
    assert ink(page)
    whole = BytesIO()
    letters().save(whole, "JPEG", progressive=True)
    (page,) = pages(whole.getvalue()[:-40])
    assert "the end of the image is missing" in page.warnings[0]


def test_light_letters_on_nothing_are_on_dark_paper() -> None:
    for mode in ("RGBA", "LA"):
        clear = Image.new(mode, (600, 400), (0,) * len(mode))
        clear.paste((255,) * len(mode), mask=letters(paper=0, shade=255))
        file = BytesIO()
        clear.save(file, "PNG")
        (page,) = pages(file.getvalue())
        assert page.image.convert("L").getpixel((5, 5)) == 0
        assert not page.is_blank


def test_dark_letters_on_nothing_are_on_white_paper() -> None:
    clear = Image.new("RGBA", (600, 400), (0, 0, 0, 0))
    clear.putalpha(letters(paper=0, shade=255))
    file = BytesIO()
    clear.save(file, "PNG")
    assert pages(file.getvalue())[0].image.getpixel((5, 5)) == 255


def test_light_and_dark_letters_on_nothing_are_both_seen() -> None:
    light = letters(paper=0, shade=255)
    dark = light.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    clear = Image.new("RGBA", (600, 400), (0, 0, 0, 0))
    clear.paste((255, 255, 255, 255), mask=light)
    clear.paste((0, 0, 0, 255), mask=dark)
    file = BytesIO()
    clear.save(file, "PNG")
    (page,) = pages(file.getvalue())
    darkest, lightest = page.image.convert("L").getextrema()
    assert page.image.convert("L").getpixel((5, 5)) == 128
    assert (darkest, lightest) == (0, 255)


def test_a_wholly_transparent_page_is_a_mistake() -> None:
    image = letters().convert("RGB")
    image.putalpha(0)
    file = BytesIO()
    image.save(file, "PNG")
    assert not pages(file.getvalue())[0].is_blank


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_the_first_frame_that_shows_something(format: str) -> None:
    file = BytesIO()
    empty = Image.new("L", (600, 400), 255)
    empty.save(file, format, save_all=True, append_images=[empty, letters()])
    assert not pages(file.getvalue())[0].is_blank


@pytest.mark.parametrize("big", [False, True])
def test_copies_and_masks_in_a_tiff_are_no_pages(big: bool) -> None:
    page, small = letters(), letters((300, 200))
    assert len(pages(tiff((page, {}), (small, {SUBFILE: 1}), (page, {}), big=big))) == 2
    (only,) = pages(tiff((small, {SUBFILE: 1}), (page, {SUBFILE: 0}), (page, {SUBFILE: 4})))
    assert only.image.size == (616, 420)
    sizes = [(page.resize((600 >> n, 400 >> n)), {SUBFILE: min(n, 1)}) for n in range(4)]
    assert len(pages(tiff(*sizes))) == 1
    assert len(pages(tiff((page, {OLD_SUBFILE: 1}), (small, {OLD_SUBFILE: 2})))) == 1
    assert len(pages(tiff((page, {SUBFILE: 2}), (page, {SUBFILE: 2})))) == 2  # pages, by name
    assert len(pages(tiff((page, {SUBFILE: 1})))) == 1  # better than none


def test_a_bad_frame_does_not_hide_the_others() -> None:
    whole = tiff(*[(letters(), {})] * 3)
    kind = struct.pack("<HHL", PHOTOMETRIC, 3, 1)
    places = [n for n in range(len(whole)) if whole.startswith(kind, n)]
    assert len(places) == 3
    for bad, place in enumerate(places):
        odd = with_tag(whole, PHOTOMETRIC, 31_000, place)
        assert [is_good(odd, index) for index in range(3)] == [index != bad for index in range(3)]
    cut = whole[: places[2] + 4]
    assert [is_good(cut, index) for index in range(3)] == [True, True, False]


def is_good(data: bytes, index: int) -> bool:
    with open_document(Source("a", data)) as document:
        assert document.page_count == 3
        try:
            return not document.render(index, GEOMETRY).is_blank
        except PageError:
            return False


def test_a_tiff_whose_frames_run_in_a_circle_ends() -> None:
    whole = bytearray(tiff((letters(), {}), (letters(), {})))
    (first,) = struct.unpack_from("<L", whole, 4)
    (count,) = struct.unpack_from("<H", whole, first)
    following = first + 2 + 12 * count
    whole[following : following + 4] = struct.pack("<L", first)
    assert len(pages(bytes(whole))) == 1


def test_pixels_that_are_no_squares() -> None:
    (page,) = pages(CASES / "fax_std.tif")
    assert page.image.size == (1176, 1540)
    assert page.size_pt == pytest.approx((609.9, 808.2), abs=0.1)
    for format, options in {
        "PNG": {"dpi": (200, 100)},
        "JPEG": {"dpi": (200, 100)},
        "TIFF": {"dpi": (200, 100)},
    }.items():
        file = BytesIO()
        letters((600, 300)).save(file, format, **options)
        assert pages(file.getvalue())[0].image.size == (616, 616), format


def test_the_shape_of_a_pixel_without_a_unit() -> None:
    file = BytesIO()
    letters((600, 300)).save(file, "PNG", dpi=(200, 100))
    whole = file.getvalue()
    start = whole.index(b"pHYs")
    chunk = b"pHYs" + struct.pack(">LLB", 2, 1, 0)
    shape = chunk + struct.pack(">L", zlib.crc32(chunk))
    assert pages(whole[:start] + shape + whole[start + len(shape) :])[0].image.size == (616, 616)
    lying = BytesIO()
    letters((600, 300)).save(lying, "PNG", dpi=(3000, 40))  # a mistake
    assert pages(lying.getvalue())[0].image.size == (616, 308)


def test_oblong_pixels_of_a_turned_page() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    file = BytesIO()
    letters((600, 300)).save(file, "JPEG", dpi=(200, 100), exif=exif)
    (page,) = pages(file.getvalue())
    assert page.image.size == (616, 616)
    assert page.size_pt == pytest.approx((216, 216))


@pytest.mark.parametrize("white", [2**32 - 1, 2**31 + 5, 4095])
def test_32_bits_without_a_sign(white: int) -> None:
    signed = white - 2**32 if white >= 2**31 else white
    deep = Image.new("I", (56, 56), signed)
    deep.paste(0, (0, 0, 56, 28))
    (page,) = pages(with_tag(tiff((deep, {})), SAMPLE_FORMAT, 1))
    assert page.image.getpixel((9, 9)) == 0
    assert page.image.getpixel((9, 50)) in (254, 255)


def test_16_bits_with_white_as_zero() -> None:
    deep = Image.new("I;16", (56, 56), 0)
    for place in ((x, y) for x in range(56) for y in range(28)):
        deep.putpixel(place, 60_000)
    (page,) = pages(with_tag(tiff((deep, {})), PHOTOMETRIC, 0))
    assert page.image.getpixel((9, 9)) == 0
    assert page.image.getpixel((9, 50)) == 255


def test_chunks_that_concern_pixels_are_kept() -> None:
    palette = Image.new("P", (56, 56), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.paste(1, (0, 0, 56, 28))
    file = BytesIO()
    palette.save(file, "PNG", transparency=0, dpi=(100, 100))
    (page,) = pages(file.getvalue())
    assert page.image.getpixel((9, 50)) == (255, 255, 255)
    assert page.size_pt == pytest.approx((40.3, 40.3), abs=0.1)


@pytest.mark.parametrize("format", ["PPM", "AVIF", "JPEG2000"])
def test_further_formats(format: str) -> None:
    file = BytesIO()
    letters().save(file, format)
    assert ink(pages(file.getvalue())[0])


def test_a_tiff_of_one_frame_that_cannot_be_decoded() -> None:
    with pytest.raises(DocumentError, match="a is a TIFF that cannot be decoded"):
        pages(with_tag(tiff((letters(), {})), PHOTOMETRIC, 31_000))


def test_a_tiff_from_a_file_is_read_as_from_memory(tmp_path: Path) -> None:
    data = tiff(*[(letters(shade=shade), {}) for shade in (0, 80, 160)])
    (tmp_path / "a.tif").write_bytes(data)
    found = pages(tmp_path / "a.tif")
    assert [page.image.tobytes() for page in found] == [p.image.tobytes() for p in pages(data)]
    darkest = [min(page.image.tobytes()) for page in found]
    assert all(one < other for one, other in pairwise(darkest))
