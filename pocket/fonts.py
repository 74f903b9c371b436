"""Type to print with: the Latin text fonts of Debian's packages, cut down to the letters used.

    python -m pocket.fonts build/packages build/font-packages build/pocket/fonts

Fonts for formulas go into a folder of their own there, `mathematical`: they set no text.
"""

import random
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ImageFont

from pocket.corpus import ALLOWED

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

# What real documents are mostly set in is drawn more often.
_COMMON = re.compile(
    r"liberation|nimbus|texgyre|tinos|arimo|lmroman|lmsans|cmu|dejavu|carlito|caladea|roboto|notos|opens|"
    r"lato|linlib|p052|c059|termes|heros|pagella"
)
_MONOSPACED = re.compile(r"mono|cour|code|cousine|cursor|typewriter|lmmono|hack", re.I)
_NOT_TEXT = re.compile(
    r"Arab|Hebr|Thai|Symbol|Dingbat|Math|Emoji|Braille|D050|Thin|Hairline|ExtraLight|UltraLight|Black|"
    r"Heavy|Outline|Swash|SmallCap|Caps|Initial|Fell|Unicase|Keyboard|Kristi|OCR-?A|Senamirmir|"
    r"[-_]SC|[a-z]SC[-.]|Ornament|Script|Stencil|Inline|Shadow|Frak|Rune|Music|Chess|Punk|Logo|"
    r"Cyklop|Alfa|Missaali|Aboensis|Almfixed|Missal|Forum|Phaistos|drm|Frederika|Miama|Xits|Semaphor|"
    r"Fetamont|Poster|Display.*Black|Titling|Embroidery|Drop|Sigmar|Lobster|Isabella|Beteckna|Breip|"
    r"Museum|Modak|Slab-?One|Solothurn|Almendra|Poiret|Acathist|Shafarik|Pochaevsk|Monomakh|"
    r"Ponomar|Triodion",
    re.I,
)
_NOT_NEEDED = (
    "GDEF MATH BASE DSIG Silf Glat Gloc Feat Sill FFTM TTFA Silt TeX SVG COLR CPAL".split()
)
Family = dict[str, list[Path]]


@lru_cache(maxsize=4000)
def load(path: Path, size: float) -> ImageFont.FreeTypeFont:
    """A font at `size` pixels; halves of a pixel keep the cache small."""
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


class Families:
    """Font files grouped by family and by style: "", "b", "i" or "bi"."""

    def __init__(self, folder: Path) -> None:
        families: dict[str, Family] = defaultdict(lambda: defaultdict(list))
        for path in sorted([*folder.glob("*.ttf"), *folder.glob("*.otf")]):
            families[family_of(path)][style_of(path)].append(path)
        self.families = {name: dict(styles) for name, styles in families.items() if "" in styles}
        self.names = sorted(self.families)
        self.weights = [6.0 if _COMMON.search(name) else 1.0 for name in self.names]
        self.monospaced = [name for name in self.names if _MONOSPACED.search(name)]

    def pick(self, rng: random.Random) -> Family:
        return self.families[rng.choices(self.names, self.weights)[0]]

    def pick_monospaced(self, rng: random.Random) -> Family:
        return self.families[rng.choice(self.monospaced or self.names)]


def family_of(path: Path) -> str:
    stem = re.split(r"[-_]", path.stem)[0].lower()
    return re.sub(r"(regular|bold|italic|oblique|medium|light)+$", "", stem)[:16]


def style_of(path: Path) -> str:
    name = path.stem.lower()
    bold = "bold" in name or "demi" in name or name.endswith("bd")
    slanted = "ital" in name or "obl" in name or "slant" in name
    return "b" * bold + "i" * slanted


def styled(family: Family, rng: random.Random, style: str, size: float) -> ImageFont.FreeTypeFont:
    """The family's font in this style, or in the nearest that it has."""
    for known in (style, style.replace("i", ""), ""):
        if known in family:
            return load(rng.choice(family[known]), round(size * 2) / 2)
    raise KeyError(f"a family without an upright font: {family}")


def select(roots: Sequence[Path], target: Path, most: int = 8) -> int:
    """Copy the packages' usable fonts, subset, at most `most` a family; give their number."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    target.mkdir(parents=True, exist_ok=True)
    options = subset.Options()
    options.hinting = False
    options.drop_tables += [name.ljust(4) for name in _NOT_NEEDED]
    count: dict[str, int] = defaultdict(int)
    seen: set[str] = set()
    for path in chain.from_iterable(map(_font_files, roots)):
        family = family_of(path)
        if _NOT_TEXT.search(path.stem) or count[family] >= most or path.name in seen:
            continue
        seen.add(path.name)
        if (target / path.name).exists():  # from an earlier selection
            count[family] += 1
            continue
        try:
            font = TTFont(path)
            if not _is_text(font):
                continue
            # Code fonts draw `->` as an arrow: only text fonts keep their ligatures.
            kept = ["kern"] if _MONOSPACED.search(path.stem) else ["kern", "liga", "clig", "calt"]
            options.layout_features = [*kept, "ccmp", "mark"]
            subsetter = subset.Subsetter(options)
            subsetter.populate(text="".join(ALLOWED))
            subsetter.subset(font)
            font.save(target / path.name)
        except Exception as error:  # a font that fontTools cannot cut down is left out
            print(f"{path}: {error!r}", file=sys.stderr)
            continue
        count[family] += 1
    return sum(count.values())


def select_mathematical(roots: Sequence[Path], target: Path) -> int:
    """Copy the packages' fonts that can set formulas, upright letters and heavy ones left out."""
    from fontTools.ttLib import TTFont

    target.mkdir(parents=True, exist_ok=True)
    for path in chain.from_iterable(map(_font_files, roots)):
        if "math" in path.stem.lower() and not re.search("bold|euler", path.stem, re.I):
            with TTFont(path) as font:
                if "MATH" in font:
                    shutil.copy(path, target)
    return len([*target.iterdir()])


def _font_files(root: Path) -> list[Path]:
    return sorted([*root.rglob("*.ttf"), *root.rglob("*.otf")])


def _is_text(font: "TTFont") -> bool:
    """Whether it has upper and lower case and nearly all of the corpus's characters."""
    from fontTools.pens.boundsPen import BoundsPen

    characters = font.getBestCmap() or {}
    if "fvar" in font or len({ord(c) for c in ALLOWED} - set(characters)) > 12:
        return False
    glyphs, heights = font.getGlyphSet(), {}
    for letter in "bdx":
        pen = BoundsPen(glyphs)
        glyphs[characters[ord(letter)]].draw(pen)
        heights[letter] = pen.bounds[3] if pen.bounds else 0
    # Fonts of capitals alone draw all letters at one height.
    return min(heights["b"], heights["d"]) > 1.12 * heights["x"] > 0


if __name__ == "__main__":
    *packages, folder = map(Path, sys.argv[1:])
    print(select(packages, folder), "fonts")
    print(select_mathematical(packages, folder / "mathematical"), "for formulas")
