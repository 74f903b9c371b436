from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from lighton_ocr.documents.pages import EncodedPage, Encoding, encode, page_image
from lighton_ocr.documents.splitting import halves

SIZE = (924, 1288)
FONT = ImageFont.load_default(20)


def page(lines: list[int], paper: int = 255, ink: int = 0, frame: bool = False) -> Image.Image:
    """A page with a line of type at each of these heights."""
    image = Image.new("L", SIZE, paper)
    draw = ImageDraw.Draw(image)
    for number, y in enumerate(lines):
        draw.text((100, y), f"Line {number} of a page, with words to its end." * 2, ink, FONT)
    if frame:
        draw.rectangle((60, 20, 864, 1268), outline=ink, width=3)
    return image


def cut(image: Image.Image, encoding: Encoding = "png") -> list[EncodedPage]:
    return halves(encode(page_image(4, image, (595, 842)), encoding))


def opened(part: EncodedPage) -> Image.Image:
    return Image.open(BytesIO(part.data)).convert("L")


def rows(image: Image.Image) -> bytes:
    """What is printed, without the empty rows around it."""
    box = ImageChops.difference(image, Image.new("L", image.size, image.getpixel((0, 0)))).getbbox()
    assert box
    return image.crop((0, box[1], image.width, box[3])).tobytes()


@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (40, 230)])
def test_the_cut_lies_in_the_widest_gap_near_the_middle(paper: int, ink: int) -> None:
    upper, lower = list(range(100, 500, 28)), list(range(560, 1100, 28))
    parts = cut(page(upper + lower, paper, ink))
    whole = page(upper + lower, paper, ink)
    assert [(part.index, part.size) for part in parts] == [(4, SIZE), (4, SIZE)]
    assert rows(opened(parts[0])) == rows(whole.crop((0, 0, 924, 520)))
    assert rows(opened(parts[1])) == rows(whole.crop((0, 540, 924, 1288)))
    assert opened(parts[1]).getpixel((5, 5)) == paper


def test_no_line_is_lost_or_cut_however_close_they_are() -> None:
    whole = page(list(range(60, 1200, 22)))
    parts = cut(whole)
    printed = b"".join(rows(opened(part)) for part in parts)
    ink = sum(value < 128 for value in whole.tobytes())
    assert sum(value < 128 for value in printed) == ink


def test_rules_down_the_page_do_not_hide_the_gaps() -> None:
    assert len(cut(page(list(range(100, 1200, 30)), frame=True))) == 2


def test_halves_are_halved_again_down_to_a_few_lines() -> None:
    parts = [encode(page_image(0, page(list(range(60, 1200, 30))), (595, 842)))]
    for _ in range(5):
        parts = [half for part in parts for half in halves(part) or [part]]
    assert 5 < len(parts) < 12


def test_what_has_no_seam_is_not_cut() -> None:
    noise = Image.effect_noise(SIZE, 90)
    assert cut(noise) == []
    assert cut(page([600])) == []
    assert cut(Image.new("L", SIZE, 255)) == []


def test_colour_and_encoding_stay() -> None:
    image = page(list(range(60, 1200, 30))).convert("RGB")
    image.paste((255, 240, 200), (0, 0, 40, 1288))
    for part in cut(image, "jpeg"):
        assert part.media_type == "image/jpeg"
        assert Image.open(BytesIO(part.data)).mode == "RGB"
