import pytest

from lighton_ocr.layout.words import printed_words


@pytest.mark.parametrize(
    ("markdown", "printed"),
    [
        ("# One *two*\n\nthree **four**, `five_six`", ["One two", "three four, five_six"]),
        ("one\ntwo  \nthree", ["one", "two", "three"]),
        ("1. one\n2. two", ["one", "two"]),
        ("| a b | c |\n|---|---|\n| d | e |", ["a b", "c", "d", "e"]),
        ("<table><tr><td>a&amp;b</td><td>$x^2$</td></tr></table>", ["a&b", "x2"]),
        ("$$\\alpha + \\frac{1}{2}$$", ["α+12"]),
        ("```c\nint a;\n\nint b;\n```", ["int a;", "int b;"]),
        ("[text](https://host/a b) ![image](image_1.png)", ["[text](https://host/a b)"]),
        ("see [here](https://host/)", ["see here"]),
        ("H<sub>2</sub>O<br>é", ["H2O", "é"]),
        ("\\*5\\* cost \\$3", ["*5* cost $3"]),
        ("Print . . . . . . 127\n\nQuit......128", ["Print 127", "Quit 128"]),
        ("Name: ________ etc.... --all", ["Name: etc.... --all"]),
        ("", []),
    ],
)
def test_words_are_as_printed(markdown: str, printed: list[str]) -> None:
    lines: list[str] = []
    for word in printed_words(markdown):
        if word.starts_line:
            lines.append(word.text)
        else:
            lines[-1] += f" {word.text}"
    assert lines == printed
