import json
from dataclasses import replace
from pathlib import Path

import pytest

from lighton_ocr.errors import UsageError
from lighton_ocr.formats import FORMATS, format_of, html, markdown
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.options import OutputOptions
from lighton_ocr.reading.attempts import Attempt, AttemptSettings
from lighton_ocr.reading.own_text import Correction, Difference, OwnTextCheck
from lighton_ocr.reading.results import PageResult

ATTEMPT = Attempt(1, AttemptSettings(0.2, 0.9, 4096), "stop", 0.5)

PLAIN = OutputOptions(page_breaks="none")


def document(*texts: str) -> DocumentResult:
    pages = tuple(
        PageResult(n, text, "stop", None, (ATTEMPT,), 10, 5, 0.5) for n, text in enumerate(texts, 1)
    )
    return DocumentResult("a.pdf", pages, "m", "embedded", len(pages))


def test_markdown_tells_pages_apart_only_when_there_are_several() -> None:
    assert FORMATS["md"].render(document("one")) == "one\n"
    assert (
        FORMATS["md"].render(document("one", "")) == "<!-- page 1 -->\n\none\n\n<!-- page 2 -->\n"
    )
    assert markdown.render(document("one", "two"), PLAIN) == "one\n\ntwo\n"
    assert document("one", "", "three").markdown == "one\n\nthree\n"
    assert document("```\ncode", "text").markdown == "```\ncode\n```\n\ntext\n"


def test_code_that_a_page_leaves_open_ends_with_it() -> None:
    text = markdown.render(document("a\n\n```\ncode", "b\n\n```\nmore\n```"))
    assert text.splitlines()[4:9] == ["```", "code", "```", "", "<!-- page 2 -->"]
    assert text.count("```") == 4


def test_html_shows_tables_and_formulas_and_runs_nothing() -> None:
    page = html.render(
        document(
            "Euler $e^{i}$\n\n<table><tr><td colspan=2 onclick='x()'>$x^2$</td></tr></table>\n\n"
            "<script>alert(1)</script>\n\n[a](javascript:x)\n\n$\\broken{$\n\n"
            "<img src='http://elsewhere/seen.gif'> and <img src='http://elsewhere/too.gif'>"
        )
    )
    assert page.count("<math") == 2
    assert '<td colspan="2">' in page
    assert "<script" not in page
    assert "<img" not in page
    assert "onclick" not in page
    assert 'href="javascript' not in page


def test_html_marks_what_differs_from_the_files_own_text() -> None:
    table = "| Total | $77.15 |\n|---|---|\n| Mr Sørensen | 3 |"
    text = f"Oak shell, *oiled*\n\n{table}\n\n```\nshell\n```"
    check = OwnTextCheck(
        "high",
        9,
        differences=(
            Difference("differs", "shell", "she<|lf", text.index("shell"), (0, 0, 9, 9)),
            Difference("differs", "$77.15", "577.15", text.index("$77"), (0, 0, 9, 9)),
            Difference("invented", "shell", "", text.rindex("shell"), None),
            Difference("missing", "", "Delivery on Thursday", None, (0, 0, 9, 9)),
        ),
        corrections=(Correction("Sarensen", "Sørensen", text.index("Sør"), (0, 0, 9, 9)),),
    )
    page = PageResult(1, text, "stop", own_text=check)
    shown = html.render(DocumentResult("a.pdf", (page,), "m", "embedded", 1))
    assert '<mark title="the file says she&lt;|lf">shell</mark>' in shown
    assert '><mark title="the file says 577.15">$77.15</mark></th>' in shown
    assert '<ins title="was read as Sarensen">Sørensen</ins>' in shown
    assert '<pre tabindex="0"><code>shell\n</code></pre>' in shown
    assert "<li>Delivery on Thursday: missing here</li>" in shown
    assert "4 notes on this page" not in shown
    assert "5 notes on this page" in shown
    assert "<details" not in html.render(document("one"))


def test_a_result_is_saved_in_the_format_of_the_suffix(tmp_path: Path) -> None:
    result = document("one", "two")
    result.save(tmp_path / "a.htm")
    assert (tmp_path / "a.htm").read_text() == result.html
    result.save(str(tmp_path / "a.json"))
    assert json.loads((tmp_path / "a.json").read_text()) == json.loads(result.json)
    with pytest.raises(UsageError, match=r"\.docx"):
        result.save(tmp_path / "a.docx")
    assert not (tmp_path / "a.docx").exists()


def test_json_has_every_field_of_a_result() -> None:
    loaded = json.loads(FORMATS["json"].render(document("é")))
    assert loaded["pages"][0] == {
        "page": 1,
        "text": "é",
        "finish": "stop",
        "doubt": None,
        "attempts": [
            {
                "number": 1,
                "settings": {
                    "temperature": 0.2,
                    "top_p": 0.9,
                    "max_tokens": 4096,
                    "sampler_options": [],
                },
                "outcome": "stop",
                "seconds": 0.5,
                "turned": 0,
            }
        ],
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "confidence": None,
        "own_text": None,
        "seconds": 0.5,
        "warnings": [],
        "blocks": [],
        "figures": [],
        "size_pt": None,
    }


def test_warnings_are_comments_that_nothing_can_end() -> None:
    warned = replace(
        document("one"),
        pages=(
            replace(
                document("one").pages[0], warnings=("Page 1: 7 --> <b>\n-- 8.", "Page 1: two.")
            ),
        ),
    )
    comments, text = markdown.render(warned).split("\n\n")
    assert comments == "<!-- Page 1: 7 - -&gt; <b&gt; - - 8. -->\n<!-- Page 1: two. -->"
    assert text == "one\n"
    assert markdown.render(warned, PLAIN) == "one\n"


def test_dolma_spans_cut_the_text_into_its_pages() -> None:
    line = json.loads(FORMATS["jsonl"].render(document("one", "", "three")))
    spans = line["attributes"]["pdf_page_numbers"]
    assert [line["text"][start:end] for start, end, _ in spans] == ["one\n", "", "three\n"]
    assert [page for *_, page in spans] == [1, 2, 3]
    assert line["metadata"]["total-output-tokens"] == 15


@pytest.mark.parametrize(
    ("name", "format"),
    [("a.md", "md"), ("a.markdown", "md"), ("a.HTM", "html"), ("a.jsonl", "jsonl"), ("a", "md")],
)
def test_a_suffix_names_the_format(name: str, format: str) -> None:
    assert format_of(Path(name)).name == format


def test_a_suffix_of_no_format_is_refused() -> None:
    with pytest.raises(UsageError, match=r"a\.docx: no format has the suffix \.docx"):
        format_of(Path("a.docx"))
