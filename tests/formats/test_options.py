"""What a user may choose about results: margins, breaks, front matter, files of their own."""

import base64
from dataclasses import replace
from typing import Any

import pytest
import yaml

from lighton_ocr.formats import FORMATS, markdown
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.files import result_files
from lighton_ocr.formats.options import OutputOptions, without_margins
from lighton_ocr.reading.blocks import parse_blocks
from lighton_ocr.reading.own_text import Correction, Difference, OwnTextCheck
from lighton_ocr.reading.results import Figure, PageResult

LAYOUT = (
    "![header](0,0,1000,40) Notes\n![header_image](0,40,90,90)\n![text](0,100,480,900) A ferry\n"
    "![page_number](490,950,510,990) 3\n![text+](520,100,1000,900) crosses.\n"
    "![image](520,910,1000,940)"
)


def page(number: int = 1, **changes: Any) -> PageResult:
    text, blocks = parse_blocks(LAYOUT, "layout")
    jpeg = base64.b64encode(b"J").decode()
    figures = tuple(
        Figure(block.figure, f"image_{block.figure}.jpg", block.box, jpeg)
        for block in blocks
        if block.figure and block.box
    )
    read = PageResult(number, text, "stop", blocks=blocks, figures=figures, size_pt=(600, 800))
    return replace(read, **changes)


def document(*pages: PageResult) -> DocumentResult:
    return DocumentResult('a "b": c.pdf', pages, "m", "embedded", len(pages))


def test_without_margins_a_paragraph_becomes_one_again() -> None:
    assert page().text == (
        "Notes\n\n![header_image](image_1.jpg)\n\nA ferry\n\n3\n\ncrosses.\n\n![image](image_2.jpg)"
    )
    kept = without_margins(page())
    assert kept.text == "A ferry crosses.\n\n![image](image_2.jpg)"
    assert [block.kind for block in kept.blocks] == ["text", "text", "image"]
    assert [figure.number for figure in kept.figures] == [2]
    plain = PageResult(1, "as it is", "stop")
    assert without_margins(plain) is plain


def test_without_margins_differences_stay_with_their_words() -> None:
    text = page().text
    words = {word: text.index(word) for word in ("Notes", "ferry", "crosses")}
    check = OwnTextCheck(
        "high",
        9,
        differences=(
            Difference("differs", "Notes", "Nites", words["Notes"], (0, 0, 9, 9)),
            Difference("differs", "crosses", "crusses", words["crosses"], (0, 0, 9, 9)),
            Difference("missing", "", "Delivery", None, (0, 0, 9, 9)),
        ),
        corrections=(Correction("furry", "ferry", words["ferry"], (0, 0, 9, 9)),),
    )
    kept = without_margins(page(own_text=check))
    assert kept.own_text
    places = [one.start for one in kept.own_text.differences]
    assert places == [kept.text.index("crosses"), None]
    assert [one.start for one in kept.own_text.corrections] == [kept.text.index("ferry")]


@pytest.mark.parametrize(
    ("breaks", "text"),
    [
        ("comment", "<!-- page 1 -->\n\none\n\n<!-- page 2 -->\n\ntwo\n"),
        ("rule", "one\n\n---\n\ntwo\n"),
        ("none", "one\n\ntwo\n"),
    ],
)
def test_page_breaks(breaks: Any, text: str) -> None:
    pages = PageResult(1, "one", "stop"), PageResult(2, "two", "stop")
    assert markdown.render(document(*pages), OutputOptions(page_breaks=breaks)) == text
    as_text = FORMATS["txt"].render(document(*pages), OutputOptions(page_breaks=breaks))
    assert as_text == ("one\n\ntwo\n" if breaks == "none" else "one\n\ftwo\n")


def test_front_matter_is_yaml_whatever_the_name_is() -> None:
    pages = [PageResult(number, "x", "stop") for number in (1, 2, 3, 7, 5)]
    text = FORMATS["md"].render(document(*pages), OutputOptions(front_matter=True))
    first, head, _ = text.split("---\n", 2)
    assert first == ""
    assert yaml.safe_load(head) == {"source": 'a "b": c.pdf', "pages": "1-3,7,5", "model": "m"}


def test_figures_lie_beside_the_result_and_are_linked() -> None:
    files = {
        file.name: file.data
        for file in result_files(document(page(3)), FORMATS["md"], OutputOptions(), "box/my a.md")
    }
    assert list(files) == [
        "box/my a-figures/page-0003-image-1.jpg",
        "box/my a-figures/page-0003-image-2.jpg",
        "box/my a.md",
    ]
    assert files["box/my a-figures/page-0003-image-2.jpg"] == b"J"
    assert "![image](my%20a-figures/page-0003-image-2.jpg)" in str(files["box/my a.md"])


def test_pages_of_their_own_link_the_same_figures() -> None:
    options = OutputOptions(per_page=True, margins=False)
    files = list(result_files(document(page(1), page(2)), FORMATS["md"], options, "a.md"))
    by_name = {file.name: file.data for file in files}
    assert by_name["a-pages/page-0002.md"] == (
        "A ferry crosses.\n\n![image](../a-figures/page-0002-image-2.jpg)\n"
    )
    assert "a-figures/page-0002-image-2.jpg" in by_name


def test_html_shows_figures_and_loads_none() -> None:
    shown = FORMATS["html"].render(document(page(text="![image](image_2.jpg) ![x](image_9.jpg)")))
    assert shown.count("<img") == 1
    assert 'src="data:image/jpeg;base64,Sg=="' in shown
    evil = page(text="[a](data:text/html,x) ![b](https://e.org/b.jpg)")
    shown = FORMATS["html"].render(document(evil))
    assert "<img" not in shown
    assert 'href="data:' not in shown


def test_options_in_a_journal_name_what_differs_from_the_defaults() -> None:
    assert OutputOptions().to_json() == "{}"
    assert OutputOptions(per_page=True).to_json() == '{"per_page": true}'
