"""How the texts of a batch compare with the files' own, summed over pages."""

from dataclasses import dataclass, fields

from lighton_ocr._text import pluralize
from lighton_ocr.reading.own_text import OwnTextCheck


@dataclass(frozen=True)
class OwnTextTotals:
    """Sums of what `OwnTextCheck` counts, over the pages whose file's text deserves trust.

    Pages whose text is the file's own are left out. `differ` counts places, `words` and `missing`
    words of the files. All are zero if there is no such page.
    """

    words: int = 0
    differ: int = 0
    numbers_differ: int = 0
    missing: int = 0

    def plus(self, check: OwnTextCheck | None) -> "OwnTextTotals":
        """Return the totals with those of one more page."""
        if check is None or check.trust != "high" or check.used:
            return self
        return OwnTextTotals(*(getattr(self, name) + getattr(check, name) for name in _NAMES))

    def describe(self) -> str:
        """Return the totals in a few words."""
        if not (self.differ or self.missing):
            return f"{pluralize(self.words, 'word')} compared, no differences"
        return (
            f"{pluralize(self.words, 'word')} compared: {pluralize(self.differ, 'difference')}, "
            f"{self.numbers_differ:,} of them in numbers, {pluralize(self.missing, 'missing word')}"
        )


_NAMES = tuple(field.name for field in fields(OwnTextTotals))
_TRUSTED = (
    "json_extract(own_text, '$.trust') = 'high' AND json_extract(own_text, '$.used') IS NOT 1"
)
# The totals of the pages that a query selects, as a JSON object.
OWN_TEXT_TOTALS = "json_object({})".format(
    ", ".join(
        f"'{name}', CAST(total(json_extract(own_text, '$.{name}')) FILTER (WHERE {_TRUSTED})"
        " AS INTEGER)"
        for name in _NAMES
    )
)
