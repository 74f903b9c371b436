"""Places on a page are those that pdfium itself gives."""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ctypes import c_int
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pypdfium2 import raw

from lighton_ocr.documents.page_places import PagePlaces

PLAIN = (0.0, 0.0, 612.0, 792.0)
CROPPED = (51.3, 77.7, 571.1, 671.8)
FAR_AWAY = (1e6, -1e6, 1e6 + 612, -1e6 + 792)
TINY = (0.0, 0.0, 0.01, 0.02)
EMPTY = (0.0, 0.0, 0.0, 0.0)


@contextmanager
def opened(crop: tuple[float, ...], rotation: int, unit: float = 1) -> Iterator[Any]:
    """A page of pdfium's that shows `crop`."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(612, 792))
    page.obj.MediaBox = page.obj.CropBox = pikepdf.Array([round(side, 4) for side in crop])
    page.obj.Rotate, page.obj.UserUnit = rotation, unit
    pdf.save(file := BytesIO())
    with (
        closing(pypdfium2.PdfDocument(file.getvalue())) as document,
        closing(document[0]) as opened_page,
    ):
        yield opened_page.raw


def by_pdfium(page: Any, x: float, y: float) -> tuple[int, int]:
    across, down = c_int(), c_int()
    raw.FPDF_PageToDevice(page, 0, 0, 1000, 1000, 0, x, y, across, down)
    return across.value, down.value


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [PLAIN, CROPPED, FAR_AWAY, TINY, EMPTY])
def test_boxes_are_those_of_pdfium(crop: tuple[float, ...], rotation: int) -> None:
    rng = random.Random(rotation)
    left, bottom, right, top = crop
    with opened(crop, rotation, unit=1.5) as page:
        places = PagePlaces(page)
        for _ in range(3_000):
            x, other_x = (rng.uniform(left - 200, right + 200) for _ in range(2))
            y, other_y = (rng.uniform(bottom - 200, top + 200) for _ in range(2))
            corners = by_pdfium(page, x, y), by_pdfium(page, other_x, other_y)
            (least_x, most_x), (least_y, most_y) = (
                sorted(side) for side in zip(*corners, strict=True)
            )
            assert places.box(x, y, other_x, other_y) == (least_x, least_y, most_x, most_y)


def test_numbers_that_are_none_are_left_to_pdfium() -> None:
    with opened(PLAIN, 0) as page:
        nan = float("nan")
        assert places_of(page, nan, 5.0) == by_pdfium(page, nan, 5.0)
        assert places_of(page, float("inf"), 5.0) == by_pdfium(page, float("inf"), 5.0)


def places_of(page: Any, x: float, y: float) -> tuple[int, int]:
    return PagePlaces(page).box(x, y, x, y)[:2]
