"""PNM files with several pictures, each of which is a page."""

from io import BytesIO
from pathlib import Path

import pytest

from lighton_ocr.documents import Source, open_document
from lighton_ocr.errors import PageError
from tests.support.drawn_images import GEOMETRY, ink, letters, pages


def pnm(mode: str, shade: int, comment: bytes = b"") -> bytes:
    file = BytesIO()
    letters(shade=shade).convert(mode).save(file, "PPM")
    return file.getvalue()[:2] + comment + file.getvalue()[2:]


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "I;16"])
@pytest.mark.parametrize("between", [b"", b"\n", b"\n\n "])
def test_pictures_behind_one_another_are_pages(mode: str, between: bytes, tmp_path: Path) -> None:
    """As `pdftoppm a.pdf > a.ppm` writes them."""
    pictures = [pnm(mode, shade, b"\n# page\n") for shade in (0, 60, 120)]
    alone = [pages(picture)[0].image.tobytes() for picture in pictures]
    (tmp_path / "a.ppm").write_bytes(between.join(pictures))
    for data in (tmp_path / "a.ppm", between.join(pictures)):
        assert [page.image.tobytes() for page in pages(data)] == alone


def test_a_damaged_picture_does_not_hide_the_one_before_it() -> None:
    whole = pnm("L", 0)
    with open_document(Source("a", whole + whole[:-500])) as document:
        assert document.page_count == 2
        assert ink(document.render(0, GEOMETRY))
        with pytest.raises(PageError, match="Page 2 of a is damaged"):
            document.render(1, GEOMETRY)


@pytest.mark.parametrize("rest", [b"\n", b"\0" * 9, b"P7\nWIDTH 1", b"P5 nonsense", b"P5 1"])
def test_what_follows_a_picture_and_is_none(rest: bytes) -> None:
    (page,) = pages(pnm("L", 0) + rest)
    assert ink(page)
