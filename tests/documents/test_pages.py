from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lighton_ocr.documents.pages import Geometry, encode, page_image

SIDES = st.floats(1, 20_000)
GEOMETRIES = [Geometry(1540, 28), Geometry(1288, 28, enlarge=True), Geometry(2048, 32)]


@given(SIDES, SIDES, st.sampled_from(GEOMETRIES))
def test_sides_fit_the_grid_and_the_edge(width: float, height: float, geometry: Geometry) -> None:
    size = geometry.fit(width, height)
    assert all(
        side % geometry.grid == 0 and geometry.grid <= side <= geometry.edge for side in size
    )
    if geometry.enlarge:
        assert max(size) == geometry.edge


@given(SIDES, SIDES, st.sampled_from(GEOMETRIES))
def test_a_fitted_picture_is_left_alone(width: float, height: float, geometry: Geometry) -> None:
    size = geometry.fit(width, height)
    assert geometry.fit(*size) == size


def test_known_pages_have_the_published_token_counts() -> None:
    geometry = Geometry(1540, 28)
    tokens = {
        name: width * height // 28**2
        for name, (width, height) in {
            "A4": geometry.fit_points(595.28, 841.89),
            "Letter": geometry.fit_points(612, 792),
            "square": geometry.fit_points(5000, 5000),
        }.items()
    }
    assert tokens == {"A4": 2145, "Letter": 2365, "square": 3025}


def test_small_pages_are_rendered_at_200_dpi_not_at_the_edge() -> None:
    assert Geometry(1540, 28).fit_points(3.5 * 72, 2 * 72) == (700, 420)


def test_gray_is_one_channel_and_colour_three() -> None:
    gray = page_image(0, Image.new("RGB", (56, 56), (90, 90, 90)), (72, 72))
    assert gray.image.mode == "L"
    colour = Image.new("RGB", (56, 56), "white")
    colour.putpixel((5, 5), (255, 254, 255))
    assert page_image(0, colour, (72, 72)).image.mode == "RGB"
    drawn = Image.new("RGBX", (56, 56), (90, 90, 91, 255))  # as pdfium draws
    assert page_image(0, drawn, (72, 72)).image.mode == "RGB"


def test_png_is_lossless_and_jpeg_is_said_to_be_jpeg() -> None:
    picture = Image.effect_noise((112, 84), 90)
    page = page_image(2, picture, (72, 54))
    png = encode(page)
    assert Image.open(BytesIO(png.data)).tobytes() == picture.tobytes()
    assert (png.index, png.media_type) == (2, "image/png")
    jpeg = encode(page, "jpeg")
    assert jpeg.media_type == "image/jpeg"
    assert Image.open(BytesIO(jpeg.data)).format == "JPEG"


def test_a_page_is_blank_if_no_part_of_it_has_ink() -> None:
    for size in ((40, 60), (1, 1), (60, 2)):
        paper = Image.new("L", size, 250)
        assert page_image(0, paper, size).is_blank
    for row in (0, 30, 59):
        page = Image.new("L", (40, 60), 250)
        page.putpixel((20, row), 240)
        assert not page_image(0, page, page.size).is_blank
