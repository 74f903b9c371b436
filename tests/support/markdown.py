"""The README, the pages under docs/, the benchmarks' log and the pocket model's card, parsed.

Tests look in them for blocks of code, inline code, links and headings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "benchmarks" / "LOG.md",
    ROOT / "models" / "pocket" / "README.md",
]
LEVELS = 4  # of headings that a link may name


@dataclass(frozen=True)
class Found:
    """A piece of a page: a block of code with its language, inline code, or a link's target."""

    page: Path
    line: int
    text: str
    language: str = ""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks() -> list[Found]:
    """All fenced blocks of code, in the order of the pages."""
    return [
        Found(page, token.map[0] + 1, token.content, token.info.strip())
        for page in PAGES
        for token in _parse(page)
        if token.type == "fence" and token.map
    ]


def inline_code() -> list[Found]:
    """All code in sentences and tables."""
    return [found for found, token in _inline() if token.type == "code_inline"]


def links() -> list[Found]:
    """The targets of all links and images."""
    return [
        Found(found.page, found.line, str(token.attrs.get("href") or token.attrs["src"]))
        for found, token in _inline()
        if token.type in ("link_open", "image")
    ]


def anchors(page: Path) -> set[str]:
    """The fragments that a link to that page may have: its headings as GitHub names them."""
    return {str(token.attrs["id"]) for token in _parse(page) if token.type == "heading_open"}


def _parse(page: Path) -> list[Token]:
    parser = MarkdownIt("gfm-like", {"linkify": False}).use(anchors_plugin, max_level=LEVELS)
    return parser.parse(page.read_text("utf-8"))


def _inline() -> Iterator[tuple[Found, Token]]:
    for page in PAGES:
        for token in _parse(page):
            for child in token.children or ():
                yield Found(page, (token.map or [0])[0] + 1, child.content), child
