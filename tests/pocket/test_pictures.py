"""Pages with pictures, drawings, frames and shades, set by Typst, and what is made of them."""

import pytest

pypdfium2 = pytest.importorskip("pypdfium2")
typst = pytest.importorskip("typst")
from pocket.manuals.collect import transcribed  # noqa: E402

SENTENCE = "The quick brown fox jumps over the lazy dog, and nobody minds the commotionless noise."
PROSE = "\n\n".join([SENTENCE] * 3)
PHOTOGRAPH = """
#let photograph(width, height: auto) = image(
  bytes(range(256).map(n => calc.rem(n * 37, 256))),
  format: (encoding: "luma8", width: 16, height: 16), width: width, height: height, fit: "stretch",
)
"""
PAGE = f"""
#set page(width: 400pt, height: 560pt, margin: 50pt)
#set par(spacing: 1.4em)
{PHOTOGRAPH}
"""
DIAGRAM = """
#let node(x, y, label) = place(
  dx: x, dy: y, rect(width: 70pt, height: 24pt, align(center + horizon, label)),
)
#let arrow(x, y) = {
  place(dx: x, dy: y, line(length: 35pt))
  place(dx: x + 35pt, dy: y - 3pt, polygon(fill: black, (0pt, 0pt), (5pt, 3pt), (0pt, 6pt)))
}
#let diagram = box(width: 290pt, height: 90pt, {
  node(0pt, 0pt)[reader]
  arrow(70pt, 12pt)
  node(110pt, 0pt)[parser]
  arrow(180pt, 12pt)
  node(220pt, 0pt)[printer]
  place(dx: 140pt, dy: 24pt, line(end: (20pt, 40pt)))
  place(dx: 80pt, dy: 52pt)[on errors]
  node(110pt, 64pt)[logger]
})
"""


def read(markup: str) -> str | None:
    pdf = typst.compile((PAGE + DIAGRAM + markup).encode(), format="pdf")
    with pypdfium2.PdfDocument(pdf) as document:
        return transcribed(document[0])


def test_a_picture_stands_where_it_is_read_and_its_caption_below_it():
    figure = "#figure(photograph(120pt), caption: [A grey noise.])"
    text = read(f"= Noise\n{SENTENCE}\n\n{figure}\n\n{SENTENCE}")
    caption = "Figure 1: A grey noise."
    assert text == f"# Noise\n\n{SENTENCE}\n\n![image](image_1.png)\n\n{caption}\n\n{SENTENCE}"


def test_pictures_are_numbered_in_the_order_of_reading():
    figure = f"{SENTENCE}\n\n#photograph(80pt)\n\n{SENTENCE}"
    text = read(f"#columns(2)[{figure}\n#colbreak()\n= Second\n{figure}]")
    first, second = (f"{SENTENCE}\n\n![image](image_{n}.png)\n\n{SENTENCE}" for n in (1, 2))
    assert text == f"{first}\n\n# Second\n\n{second}"


def test_a_picture_at_the_foot_of_a_column_comes_before_the_next_one():
    second = "\n\n".join([SENTENCE] * 5)
    columns = f"#columns(2)[{PROSE}\n\n#photograph(80pt)\n#colbreak()\n{second}]"
    text = read(f"#set page(footer: [12])\n{columns}")
    assert text == f"{PROSE}\n\n![image](image_1.png)\n\n{second}\n\n12"


def test_the_words_of_a_diagram_are_not_transcribed():
    text = read(f"{SENTENCE}\n\n#diagram\n\n{SENTENCE}")
    assert text == f"{SENTENCE}\n\n![image](image_1.png)\n\n{SENTENCE}"


def test_an_icon_in_a_line_is_left_out():
    icon = "#box(photograph(8pt))"
    assert read(f"The button {icon} opens it. {SENTENCE}") == f"The button opens it. {SENTENCE}"


LISTING = "```py\ndef area(r):\n    return 3.14 * r ** 2\n```"


@pytest.mark.parametrize(
    "look",
    [
        "fill: luma(30), inset: 8pt, width: 100%",
        "fill: luma(235), stroke: 0.5pt, radius: 6pt, inset: 8pt, width: 100%",
        "stroke: (left: 2pt, right: 2pt), inset: 8pt, width: 100%",
    ],
    ids=["reversed", "shaded", "barred"],
)
def test_framed_and_shaded_code_is_code(look: str):
    reverse = "#show raw: set text(white)\n" if "luma(30)" in look else ""
    text = read(f"{reverse}{SENTENCE}\n\n#block({look})[\n{LISTING}\n]\n\n{SENTENCE}")
    code = "```\ndef area(r):\n    return 3.14 * r ** 2\n```"
    assert text == f"{SENTENCE}\n\n{code}\n\n{SENTENCE}"


def test_a_listing_shaded_line_by_line_is_one_listing():
    """As `l i s t i n g s` does it, blank lines included."""
    shade = "#show raw.line: it => box(fill: luma(230), width: 100%, height: 12pt, it)\n"
    shade += "#show raw: set par(leading: 0pt)\n"
    text = read(f"{shade}{SENTENCE}\n\n```\nfirst()\n\n  second()\n```\n")
    assert text == f"{SENTENCE}\n\n```\nfirst()\n  second()\n```"


def test_rules_underlines_and_boxed_notes_are_no_pictures():
    boxed = f"#block(stroke: 1pt, inset: 8pt, fill: luma(240))[{SENTENCE}]"
    lines = "#line(length: 100%)"
    text = read(f"{lines}\n#underline[{SENTENCE}]\n\n{boxed}\n\n{lines}\n\n{SENTENCE}")
    assert text == PROSE


def test_a_plain_background_is_no_picture():
    assert read(f"#set page(fill: luma(230))\n{SENTENCE}") == SENTENCE


TABLE = "#table(columns: 2, [Name], [Size], [first], [4 kB], [second], [8 kB])"
BLANKS = "#grid(columns: 9, gutter: 5pt, ..range(45).map(_ => line(length: 25pt)))"
SIDE_BY_SIDE = f"#grid(columns: (1fr, 100pt), gutter: 9pt, [{SENTENCE}], photograph(90pt))"


@pytest.mark.parametrize(
    "unsure",
    [
        f"#set page(background: photograph(100%, height: 100%))\n{SENTENCE}",
        f"{SENTENCE}\n\n{SIDE_BY_SIDE}\n\n{SENTENCE}",
        f"{TABLE}\n\n{SENTENCE}",
        f"{SENTENCE}\n\n{BLANKS}\n\n{SENTENCE}",
        f"{SENTENCE}\n\n#diagram\n#v(-6pt)#h(120pt)on time\n\n{SENTENCE}",
        f"#box(photograph(8pt)) {SENTENCE}\n\n#box(photograph(8pt)) {SENTENCE}",
        f"{SENTENCE}\n\nFigure 1: What is not there.",
        f"{SENTENCE}\n\n#photograph(200pt, height: 24pt)",
        f"{SENTENCE}\n\n#rotate(20deg)[Words askew.]",
        f"#box(stroke: 0.5pt, inset: 4pt, width: 100%)[{SENTENCE} #photograph(90pt) {SENTENCE}]",
    ],
    ids="background beside table blanks label bullets caption strip turned framed".split(),
)
def test_pages_that_may_be_understood_otherwise_are_refused(unsure: str):
    assert read(unsure) is None
