"""Tables, 80 characters wide, on standard output."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

WIDTH = 80


@dataclass(frozen=True)
class Column:
    """The head of a column; numbers are aligned to the right, words to the left."""

    head: str
    justify: Literal["left", "right"] = "right"
    wraps: bool = False


def print_table(
    caption: str, columns: Sequence[Column], rows: Sequence[Sequence[str]], tight: bool = False
) -> None:
    """Print rows under their heads, then a caption that says where the figures come from.

    `tight` puts columns closer together.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=tight)
    for column in columns:
        table.add_column(column.head, justify=column.justify, no_wrap=not column.wraps)
    for row in rows:
        table.add_row(*row)
    # A pipe or a file has no width of its own.
    width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    console.print(table, width=width)
    console.print(f"\n{caption}", width=width, style="dim")
