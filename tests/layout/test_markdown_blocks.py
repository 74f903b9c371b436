"""A page's Markdown falls into blocks, each a part of the text."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lighton_ocr.layout.markdown_blocks import markdown_blocks

PAGE = """\
# Tides

## Method

We measured the current
at the pier.

$$
t = d
$$

![image](image_1.png)
Figure 1: The pier.

- spring
- autumn

  weaker

1. one

<table>
<tr><td>4.1</td></tr>
</table>

| a | b |
| --- | --- |
| 1 | 2 |

```
![image](image_9.png)
```

> a quotation

![a printed link](https://example.com/a.png)
"""


def test_blocks_have_the_labels_of_layout_models() -> None:
    found = [(block.kind, PAGE[block.start : block.end]) for block in markdown_blocks(PAGE)]
    assert found == [
        ("title", "# Tides"),
        ("section", "## Method"),
        ("text", "We measured the current\nat the pier."),
        ("formula", "$$\nt = d\n$$"),
        ("image", "![image](image_1.png)"),
        ("text", "Figure 1: The pier."),
        ("list", "- spring\n- autumn\n\n  weaker"),
        ("list", "1. one"),
        ("table", "<table>\n<tr><td>4.1</td></tr>\n</table>"),
        ("table", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("code", "```\n![image](image_9.png)\n```"),
        ("text", "> a quotation"),
        ("text", "![a printed link](https://example.com/a.png)"),
    ]


_LINES = st.lists(
    st.sampled_from(
        [*PAGE.splitlines(), "    x", "\t- y", "***", "a\rb", "c\r", "\f", "<b>", "\\"]
    ),
    max_size=12,
)


@given(_LINES)
def test_no_word_is_lost_and_none_comes_twice(lines: list[str]) -> None:
    text = "\n".join(lines)
    blocks = markdown_blocks(text)
    assert all(one.end <= other.start for one, other in pairwise(blocks))
    assert all(text[block.start : block.end].strip() for block in blocks)
    left, place = "", 0
    for block in blocks:
        left, place = left + text[place : block.start], block.end
    assert not set(left + text[place:]) - set(" \t\r\n\f*")  # rules alone
