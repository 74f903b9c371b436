"""The smallest formulas: letters, numbers, indices and signs, in LaTeX and in Typst's notation."""

import random
from dataclasses import dataclass

_GREEK = {
    **{name: name for name in "alpha beta gamma delta eta theta lambda mu nu xi pi rho".split()},
    **{name: name for name in "sigma tau chi psi omega Gamma Delta Lambda Sigma Omega".split()},
    **{"varepsilon": "epsilon", "epsilon": "epsilon.alt", "varphi": "phi", "phi": "phi.alt"},
}
# The letters that formulas are mostly made of come several times.
_LETTERS = [
    *"abcdefghijklmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVXYZ",
    *"xxxxxyyyyzzaaabbbccffgghknnmmppqqrrssttttuuvvwwABCEFGHKLMNPQRSTVXXYZ",
]
_INDICES = [*"iiiijjjkkknnnmmpqrstab", "0", "0", "1", "1", "1", "2", "2", "3"]
_WORDS = ("in", "out", "min", "max", "eff", "tot", "air", "ref", "rms", "ext", "B", "N", "L")
_POWERS = [*"222222nnkmp", "3", "3", "4", "-1", "-1", "T", "*", "+", "-2"]
_ACCENTS = {"hat": "hat", "bar": "macron", "tilde": "tilde", "vec": "arrow"}
_SETS = {r"\mathbb{R}": "RR", r"\mathbb{N}": "NN", r"\mathbb{Z}": "ZZ", r"\infty": "infinity"}
_FACES = {"mathbf": "upright(bold({}))", "mathcal": "cal({})", "mathrm": "upright({})"}
JOINTS = {
    **{"+": "+", "-": "-", r"\cdot": "dot", r"\times": "times", r"\pm": "plus.minus"},
    **{r"\cup": "union", r"\cap": "inter"},
}
RELATIONS = {
    **{"=": "=", "<": "<", ">": ">", r"\leq": "<=", r"\geq": ">=", r"\neq": "!="},
    **{r"\approx": "approx", r"\in": "in", r"\to": "->", r"\subset": "subset", r"\equiv": "equiv"},
    **{r"\sim": "tilde.op", r"\propto": "prop", r"\Rightarrow": "=>", r"\ll": "<<"},
}


@dataclass(frozen=True)
class Formula:
    """One formula in both notations."""

    tex: str
    typst: str

    def __add__(self, other: "Formula") -> "Formula":
        return Formula(f"{self.tex} {other.tex}", f"{self.typst} {other.typst}")


def one_of(rng: random.Random, choices: dict[str, str], first: float = 0.0) -> Formula:
    """One of some signs; `first` is the share of cases in which it is the first one."""
    tex, typst = [*choices.items()][0 if rng.random() < first else rng.randrange(len(choices))]
    return Formula(tex, typst)


def same(sign: str) -> Formula:
    """What is written alike in both notations."""
    return Formula(sign, sign)


def atom(rng: random.Random) -> Formula:
    """A number, a set, or a letter with what stands above and below it."""
    kind = rng.random()
    if kind < 0.2:
        return number(rng)
    if kind < 0.24:
        return one_of(rng, _SETS)
    base = name(rng)
    if kind < 0.3:
        return _around(base, *rng.choice([*_ACCENTS.items()]))
    if kind < 0.33:
        face, typst = rng.choice([*_FACES.items()])
        letter = rng.choice("ABCDEFGHIJKLMNPRSTUVWXYZ" if face == "mathcal" else "xyzuvwABFIJTX")
        return Formula(rf"\{face}{{{letter}}}", typst.format(letter))
    if kind < 0.5 or kind > 0.96:
        base = indexed(base, _index(rng))
    if kind > 0.83:
        base = raised(base, name(rng) if rng.random() < 0.1 else same(rng.choice(_POWERS)))
    return base


def name(rng: random.Random) -> Formula:
    """A Latin letter, or a Greek one."""
    if rng.random() < 0.8:
        return same(rng.choice(_LETTERS))
    tex, typst = rng.choice([*_GREEK.items()])
    return Formula(f"\\{tex}", typst)


def number(rng: random.Random) -> Formula:
    """A number, mostly a small one, or one with its order of magnitude or in degrees."""
    kind = rng.random()
    digits = str(rng.choice((0, 1, 1, 2, 2, 3, rng.randint(4, 99), round(rng.random(), 2))))
    if kind < 0.9:
        return same(digits)
    if kind < 0.94:
        return Formula(f"{digits}^{{\\circ}}", f"{digits} degree")
    power = raised(same("10"), same(str(rng.choice((-9, -6, -4, -3, -2, 2, 3, 4, 6, 9)))))
    return power if kind < 0.96 else same(digits) + Formula(r"\times", "times") + power


def indexed(base: Formula, below: Formula) -> Formula:
    return Formula(f"{base.tex}_{{{below.tex}}}", f"{base.typst}_({below.typst})")


def raised(base: Formula, above: Formula) -> Formula:
    return Formula(f"{base.tex}^{{{above.tex}}}", f"{base.typst}^({above.typst})")


def _index(rng: random.Random) -> Formula:
    kind = rng.random()
    if kind < 0.1:
        return name(rng)
    if kind < 0.18:
        word = rng.choice(_WORDS)
        return Formula(rf"\mathrm{{{word}}}", f'upright("{word}")')
    if kind < 0.26:
        one = rng.choice("ijkn")
        tex = rng.choice((f"{one} {rng.choice('+-')} 1", f"{one} {rng.choice('jklm')}"))
        return same(tex)
    return same(rng.choice(_INDICES))


def _around(inner: Formula, tex: str, typst: str) -> Formula:
    return Formula(rf"\{tex}{{{inner.tex}}}", f"{typst}({inner.typst})")
