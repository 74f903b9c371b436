"""A self-contained web page: pages to flip through, each as an image beside its texts.

The texts may come from anybody's document, so they are shown as text, never as markup.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from io import BytesIO
from string import Template

from lighton_ocr.compare.agreement import differences
from lighton_ocr.documents import Document
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.errors import DocumentError

_GEOMETRY = Geometry(edge=1100, grid=1)
_QUALITY = 50  # of JPEG
_TAGS = {"added": "ins", "missing": "del"}


@dataclass(frozen=True)
class ShownText:
    """A reader's text of a page, under its name; `facts` is a line below it."""

    name: str
    facts: str
    text: str


@dataclass(frozen=True)
class ShownPage:
    """A page: its texts, and notes above them. `image` is a JPEG, empty if there is none.

    If `has_reference`, the others are compared to the first text.
    """

    title: str
    image: bytes
    notes: tuple[str, ...]
    texts: tuple[ShownText, ...]
    has_reference: bool = True


def page_jpeg(document: Document, index: int) -> bytes:
    """Return the page of that index (from 0) as a small JPEG, empty if it cannot be rendered."""
    try:
        image = document.render(index, _GEOMETRY).image
    except DocumentError:
        return b""
    file = BytesIO()
    image.convert("L" if image.mode == "L" else "RGB").save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def render(
    title: str,
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    pages: Sequence[ShownPage],
) -> str:
    """Return the HTML: a table of figures with its caption, then the pages in their order."""
    files = resources.files(__package__)
    return Template(files.joinpath("side_by_side.html").read_text("utf-8")).substitute(
        title=escape(title),
        caption=escape(caption),
        style=files.joinpath("side_by_side.css").read_text("utf-8"),
        script=files.joinpath("side_by_side.js").read_text("utf-8"),
        heads=_cells("th", heads),
        rows="\n".join(f"<tr>{_cells('td', row)}</tr>" for row in rows),
        options="".join(
            f'<option value="{number}">{number + 1}. {escape(page.title)}</option>'
            for number, page in enumerate(pages)
        ),
        pages="\n".join(map(_page, pages)),
    )


def _cells(tag: str, texts: Iterable[str]) -> str:
    return "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts)


def _page(page: ShownPage) -> str:
    source = f"data:image/jpeg;base64,{b64encode(page.image).decode()}"
    image = f'<img src="{source}" alt="The page as an image">' if page.image else ""
    notes = "".join(f"<li>{escape(note)}</li>" for note in page.notes)
    reference = page.texts[0].text if page.has_reference and page.texts else None
    texts = "".join(
        _text(one, None if number == 0 else reference) for number, one in enumerate(page.texts)
    )
    return (
        f"<article><h2>{escape(page.title)}</h2>{f'<ul>{notes}</ul>' if notes else ''}"
        f'<div class="columns"><figure tabindex="0" aria-label="Page">{image}</figure>{texts}</div>'
        "</article>"
    )


def _text(one: ShownText, reference: str | None) -> str:
    if reference is None:
        body = escape(one.text)
    else:
        body = "".join(
            escape(part.text) if part.kind == "same" else _marked(_TAGS[part.kind], part.text)
            for part in differences(one.text, reference)
        )
    name = escape(one.name)
    return (
        f'<section><h3>{name}</h3><p>{escape(one.facts)}</p><pre tabindex="0" '
        f'aria-label="{name}">{body or "<em>no text</em>"}</pre></section>'
    )


def _marked(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>" + (" " if tag == "del" else "")
