"""The markers with which models give boxes, found in an answer that arrives in pieces."""

import re

from lighton_ocr.catalog import BoxGrammar

SIDES = ("left", "top", "right", "bottom")
_PATTERNS: dict[BoxGrammar, str] = {
    # ![title](113,108,463,123) and ![text+](…)
    "layout": r"! \[ (?P<kind>[a-z_]{1,32}) (?P<more>\+?) \] \( BOX \)",
    # ![image](image_1.png)120,80,880,410
    "figures": r"! \[ i m a g e \] \( i m a g e _ [0-9]{1,4} \. p n g \) BOX (?![0-9])",
}
_BOX = " , ".join(f"(?P<{side}>[0-9]{{1,4}})" for side in SIDES)


class Markers:
    """Finds the markers of a grammar, and ends of a text that may become one."""

    def __init__(self, grammar: BoxGrammar) -> None:
        parts = _PATTERNS[grammar].replace("BOX", _BOX).split(" ")
        self._whole = re.compile("".join(parts))
        # The beginning of a marker matches the first of these parts.
        beginning = ""
        for part in reversed(parts):
            beginning = f"(?:{part}{beginning})?"
        self._beginning = re.compile(beginning + r"\Z")

    def is_marker(self, text: str) -> bool:
        """Return whether a text is a whole marker."""
        return self._whole.fullmatch(text) is not None

    def split(self, text: str, is_end: bool) -> tuple[list[str | re.Match[str]], str]:
        """Return the text and the markers in it, in their order, and what may become a marker.

        At the end of the answer, nothing becomes one any more.
        """
        parts: list[str | re.Match[str]] = []
        written = place = 0
        while (place := text.find("!", place)) >= 0:
            marker = self._whole.match(text, place)
            if not is_end and self._may_go_on(text, place, marker):
                return [*parts, text[written:place]], text[place:]
            if marker:
                parts += [text[written:place], marker]
                written = marker.end()
            place = max(place + 1, written)
        return [*parts, text[written:]], ""

    def _may_go_on(self, text: str, place: int, marker: re.Match[str] | None) -> bool:
        if marker:
            return marker.end() == len(text)
        return self._beginning.match(text, place) is not None
