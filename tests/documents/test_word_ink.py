"""Whether ink is seen does not depend on the row that is looked at first."""

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lighton_ocr.documents.word_ink import CONTRAST, WordInk

WIDTH, HEIGHT = 10, 8
# Around what is ink on white.
SHADES = st.sampled_from([0, 150, 214, 215, 216, 240, 254, 255])
PIXELS = st.lists(SHADES, min_size=WIDTH * HEIGHT, max_size=WIDTH * HEIGHT)
EDGES = st.tuples(*[st.integers(-1, 10)] * 2).map(sorted)


@given(PIXELS, EDGES, EDGES, st.sampled_from([None, 0, 169]))
def test_dark_letters_are_seen_where_there_is_contrast(
    pixels: list[int], across: list[int], down: list[int], shade: int | None
) -> None:
    image = Image.frombytes("L", (WIDTH, HEIGHT), bytes(pixels))
    (left, right), (top, bottom) = across, [min(HEIGHT, row) for row in down]
    rows = [pixels[row * WIDTH : (row + 1) * WIDTH] for row in range(max(0, top), bottom)]
    inside = [one for row in rows for one in row[max(0, left) : max(0, right)]]
    box = (left * 100, top * 125, right * 100, bottom * 125)
    has_contrast = bool(inside) and max(inside) - min(inside) >= CONTRAST
    assert WordInk(image).is_seen(box, shade) == has_contrast
    assert WordInk(image.convert("RGB")).is_seen(box, shade) == has_contrast


def test_light_letters_need_darker_paper() -> None:
    on_black, on_white = Image.new("L", (9, 9), 0), Image.new("L", (9, 9), 255)
    on_black.putpixel((4, 4), 255)
    on_white.putpixel((4, 4), 0)  # a rule below them
    whole = (0, 0, 1000, 1000)
    assert WordInk(on_black).is_seen(whole, 255)
    assert not WordInk(on_white).is_seen(whole, 255)
