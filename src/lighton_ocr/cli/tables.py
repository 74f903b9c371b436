"""Tables on standard output."""

import sys
from collections.abc import Sequence

_WIDTH = 200  # characters


def print_table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns with a head, and under them a caption that says where the figures come from."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    # Piped into a file or a pager, a table keeps its columns however narrow nobody's screen is.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print(caption, style="dim")
