"""Type to print with: the Latin text fonts of Debian's packages, cut down to the letters used.

python -m pocket.fonts build/packages build/pocket/fonts
"""

import random
import re
import sys
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from pocket.corpus import ALLOWED

# What real documents are mostly set in is drawn more often.
_COMMON = re.compile(
    r"liberation|nimbus|texgyre|tinos|arimo|lmroman|lmsans|cmu|dejavu|carlito|caladea|roboto|notos|opens|"
    r"lato|linlib|p052|c059|termes|heros|pagella"
)
_MONOSPACED = re.compile(r"mono|cour|code|cousine|cursor|typewriter|lmmono|hack", re.I)
_NOT_TEXT = re.compile(
    r"Arab|Hebr|Thai|Symbol|Dingbat|Math|Emoji|Braille|D050|Thin|Hairline|ExtraLight|UltraLight|Black|"
    r"Heavy|Outline|Swash|SmallCap|Caps|Initial|Fell|Unicase|Keyboard|Kristi|OCR-?A|Senamirmir",
    re.I,
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


def select(root: Path, target: Path) -> int:
    """Copy the packages' usable fonts, subset, at most five a family; give their number."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    target.mkdir(parents=True, exist_ok=True)
    options = subset.Options()
    options.hinting, options.layout_features = False, ["kern"]
    options.drop_tables += [
        "GSUB",
        "GDEF",
        "MATH",
        "BASE",
        "DSIG",
        "Silf",
        "Glat",
        "Gloc",
        "Feat",
        "Sill",
    ]
    count: dict[str, int] = defaultdict(int)
    for path in sorted([*root.rglob("*.ttf"), *root.rglob("*.otf")]):
        family = family_of(path)
        if _NOT_TEXT.search(path.stem) or count[family] >= 5 or (target / path.name).exists():
            continue
        font = TTFont(path)
        if "fvar" in font or len({ord(c) for c in ALLOWED} - set(font.getBestCmap() or {})) > 12:
            continue
        subsetter = subset.Subsetter(options)
        subsetter.populate(text="".join(ALLOWED))
        subsetter.subset(font)
        font.save(target / path.name)
        count[family] += 1
    return sum(count.values())


if __name__ == "__main__":
    print(select(Path(sys.argv[1]), Path(sys.argv[2])), "fonts")
