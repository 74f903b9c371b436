"""Stretches of pixels."""

from collections.abc import Sequence

Span = tuple[int, int]  # from, to


def runs_of(values: Sequence[bool], wanted: bool) -> list[Span]:
    """Return where runs of that value start and end."""
    runs, start = [], None
    for index, value in enumerate(values):
        if value == wanted and start is None:
            start = index
        elif value != wanted and start is not None:
            runs.append((start, index))
            start = None
    if start is not None:
        runs.append((start, len(values)))
    return runs


def joined(spans: Sequence[Span], gap: float) -> list[Span]:
    """Return the spans, those as one that are less apart than `gap`."""
    found: list[Span] = []
    for start, end in spans:
        if found and start - found[-1][1] < gap:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
