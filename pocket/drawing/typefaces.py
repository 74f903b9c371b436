"""The type families that pages are set in, and how often."""

import random
import re
from dataclasses import dataclass

from pocket.drawing.press import Press

# What real documents are mostly set in, with weights; the other families come one page in four.
_SERIF = {
    **{"New Computer Modern": 10, "CMU Serif": 6, "LM Roman 10": 5, "TeXGyreTermes": 4, "Tinos": 6},
    **{"Nimbus Roman": 4, "Libertinus Serif": 6, "TeX Gyre Pagella": 3, "P052": 2, "C059": 2},
    **{"DejaVu Serif": 2, "Noto Serif": 2, "PT Serif": 2, "STIXGeneral": 2, "Charis SIL": 2},
    **{"Gentium Plus": 2, "Caladea": 3, "Linux Libertine O": 2, "FreeSerif": 2, "Vollkorn": 1},
    **{"TeXGyreSchola": 2, "Bitstream Vera Serif": 1, "EB Garamond 12": 1, "CMU Concrete": 1},
    **{"TeX Gyre Bonum": 1, "URW Bookman": 1, "Roboto Slab": 1, "GFS Didot": 1, "Doulos SIL": 1},
    **{"Source Serif Pro": 2, "IBM Plex Serif": 2, "Crimson": 1, "Merriweather": 1, "XCharter": 2},
    **{"Alegreya": 1, "Cochineal": 1, "EB Garamond": 2, "STIX Two Text": 1, "Libre Caslon Text": 1},
}
_SANS = {
    **{"Nimbus Sans": 5, "TeXGyreHeros": 4, "Arimo": 8, "Carlito": 5, "Liberation Sans": 4},
    **{"DejaVu Sans": 3, "Noto Sans": 2, "Open Sans": 2, "Roboto": 3, "Lato": 2, "Inter": 2},
    **{"CMU Sans Serif": 3, "LM Sans 10": 2, "PT Sans": 2, "Clear Sans": 1, "Cantarell": 1},
    **{"Linux Biolinum O": 1, "TeX Gyre Adventor": 1, "Cabin": 1, "Karla": 1, "FreeSans": 1},
    **{"Source Sans Pro": 2, "IBM Plex Sans": 2, "Fira Sans": 2, "Montserrat": 1, "Raleway": 1},
    **{"Libre Franklin": 1, "Nunito": 1, "Chivo": 1, "Atkinson Hyperlegible": 1, "Manrope": 1},
}
_MONO = {
    **{"CMU Typewriter Text": 7, "LM Mono 10": 6, "Latin Modern Mono 9": 2, "LM Mono Light 10": 2},
    **{"DejaVu Sans Mono": 4, "Liberation Mono": 4, "Nimbus Mono PS": 4, "TeXGyreCursor": 3},
    **{"Courier Prime": 2, "Cousine": 3, "Noto Sans Mono": 2, "Hack": 1, "Fira Code": 1},
    **{"FreeMono": 2, "PT Mono": 1, "Bitstream Vera Sans Mono": 2, "mononoki": 1},
    **{"LM Mono Slanted 10": 1, "JetBrains Mono": 1, "Linux Libertine Mono O": 1},
    **{"Source Code Pro": 1, "IBM Plex Mono": 1, "Inconsolata": 1, "Cascadia Code": 1},
}
_TEX = "New Computer Modern Math"
_RARE = 0.25
# Bold words with an underscore stand too high in this one.
_FAULTY = frozenset({"New Computer Modern 08"})
_MONOSPACED = re.compile(
    r"mono|cour|code|cousine|cursor|typewriter|hack|math|typist|typo|cursif", re.I
)
# Weights that text is set in, beside the regular one.
_WEIGHTS = (300, 350, 450, 500, 600)


@dataclass(frozen=True)
class Face:
    """A family, with a weight and a width that it has."""

    family: str
    weight: int = 400
    stretch: float = 1.0

    @property
    def markup(self) -> str:
        """Arguments of Typst's `text`."""
        stretch = f", stretch: {self.stretch * 100:.0f}%" if self.stretch != 1 else ""
        weight = f", weight: {self.weight}" if self.weight != 400 else ""
        return f'font: "{self.family}"{weight}{stretch}'


class Typefaces:
    """Families to choose from: those of the lists that there are, and all others."""

    def __init__(self, press: Press) -> None:
        known = lambda names: {n: w for n, w in names.items() if n in press.families}  # noqa: E731
        self.serif, self.sans, self.mono = known(_SERIF), known(_SANS), known(_MONO)
        self.looks: dict[str, set[tuple[int, float]]] = {}
        for font in press.fonts.fonts():
            if font.style == "normal":
                self.looks.setdefault(font.family, set()).add((font.weight, font.stretch))
        left_out = {*self.serif, *self.sans, *self.mono, *_FAULTY}
        self.others = sorted(
            name
            for name, looks in self.looks.items()
            if name not in left_out and (400, 1.0) in looks and not _MONOSPACED.search(name)
        )

    def body(self, rng: random.Random) -> Face:
        """The face of running text: at times light, medium or narrow."""
        if self.others and rng.random() < _RARE:
            family = rng.choice(self.others)
        else:
            family = _pick(rng, self.serif if rng.random() < 0.6 else self.sans)
        others = sorted(
            look
            for look in self.looks[family]
            if look != (400, 1.0) and look[0] in (400, *_WEIGHTS) and 0.7 < look[1] < 1.2
        )
        if others and rng.random() < 0.2:
            return Face(family, *rng.choice(others))
        return Face(family)

    def heading(self, rng: random.Random) -> Face:
        return Face(_pick(rng, self.sans))

    def mathematical(self, rng: random.Random) -> str:
        """What formulas are set in: half of them as TeX does."""
        known = sorted(name for name in self.looks if name.endswith("Math"))
        return rng.choice(known) if rng.random() < 0.5 else _TEX

    def monospaced(self, rng: random.Random) -> str:
        return _pick(rng, self.mono)


def _pick(rng: random.Random, families: dict[str, float]) -> str:
    return rng.choices([*families], [*families.values()])[0]
