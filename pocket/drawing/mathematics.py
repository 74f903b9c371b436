"""Random formulas, each in LaTeX for the transcript and in Typst's notation for the page."""

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
_POWERS = [*"222222nnkmp", "3", "3", "4", "-1", "-1", "T", "*", "+", "-2"]
_JOINTS = {"+": "+", "-": "-", r"\cdot": "dot", r"\times": "times", r"\pm": "plus.minus"}
_RELATIONS = {
    **{"=": "=", "<": "<", ">": ">", r"\leq": "<=", r"\geq": ">=", r"\neq": "!="},
    **{r"\approx": "approx", r"\in": "in", r"\to": "->", r"\subset": "subset", r"\equiv": "equiv"},
}
_SUMS = {r"\sum": "sum", r"\prod": "product", r"\int": "integral", r"\bigcup": "union.big"}
_FUNCTIONS = ("sin", "cos", "log", "exp", "max", "min", "ln", "det")
_ACCENTS = {"hat": "hat", "bar": "macron", "tilde": "tilde", "vec": "arrow"}
_SETS = {r"\mathbb{R}": "RR", r"\mathbb{N}": "NN", r"\mathbb{Z}": "ZZ", r"\infty": "infinity"}
_FACES = {"mathbf": "upright(bold({}))", "mathcal": "cal({})", "mathrm": "upright({})"}
_FENCES = {
    (r"\lvert", r"\rvert"): "abs({})",
    (r"\lVert", r"\rVert"): "norm({})",
    (r"\lfloor", r"\rfloor"): "floor({})",
    (r"\lceil", r"\rceil"): "ceil({})",
    ("[", "]"): "[{}]",
    (r"\{", r"\}"): "{{{}}}",
}


@dataclass(frozen=True)
class Formula:
    """One formula in both notations."""

    tex: str
    typst: str

    def __add__(self, other: "Formula") -> "Formula":
        return Formula(f"{self.tex} {other.tex}", f"{self.typst} {other.typst}")


def equation(rng: random.Random) -> Formula:
    """A displayed formula: mostly two sides, at times more, cases, a matrix or several lines."""
    if rng.random() < 0.1:
        return _aligned(rng)
    out = term(rng)
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2))):
        right = _array(rng) if rng.random() < 0.1 else term(rng)
        out = out + _one_of(rng, _RELATIONS, 0.6) + right
    return out


def ended(formula: Formula, sign: str) -> Formula:
    """The formula with a sentence's stop or comma behind it."""
    return Formula(formula.tex + sign, f'{formula.typst}"{sign}"') if sign else formula


def inline(rng: random.Random) -> Formula:
    """A formula small enough for a line of text."""
    kind = rng.random()
    if kind < 0.25:
        return _name(rng)
    if kind < 0.3:
        return _list(rng)
    if kind < 0.35:
        return _atom(rng)
    if kind < 0.6:
        return term(rng, 2)
    left, right = term(rng, 2), term(rng, 2)
    return left + _one_of(rng, _RELATIONS, 0.5) + right


def term(rng: random.Random, depth: int = 0) -> Formula:  # noqa: PLR0911
    """A random term; each level of `depth` makes it simpler."""
    kind = rng.random()
    if depth > 2 or kind < 0.25:
        return _atom(rng)
    inner = lambda: term(rng, depth + 1)  # noqa: E731
    if kind < 0.50:
        return inner() + _one_of(rng, _JOINTS, 0.7) + inner()
    if kind < 0.60:
        a, b = inner(), inner()
        return Formula(rf"\frac{{{a.tex}}}{{{b.tex}}}", f"frac({a.typst}, {b.typst})")
    if kind < 0.65:
        a = inner() + _one_of(rng, _JOINTS, 0.5) + inner() if rng.random() < 0.6 else inner()
        return Formula(rf"\sqrt{{{a.tex}}}", f"sqrt({a.typst})")
    if kind < 0.74 and depth < 2:
        sign, low = _one_of(rng, _SUMS, 0.5), _same(rng.choice("iiijjkknm"))
        end = _atom(rng) if rng.random() < 0.25 else _same(rng.choice("nnnNmk"))
        low = low + Formula("=", "=") + _same(rng.choice("000111112"))
        limits = Formula(f"_{{{low.tex}}}^{{{end.tex}}}", f"_({low.typst})^({end.typst})")
        return Formula(sign.tex + limits.tex, sign.typst + limits.typst) + inner()
    if kind < 0.88:
        a, name = inner(), rng.choice((*_FUNCTIONS, *"fgPE"))
        tex, typst = (f"\\{name}", name) if len(name) > 1 else (name, name)
        return Formula(f"{tex}({a.tex})", f"{typst} ({a.typst})")
    if kind < 0.90:
        a = inner()
        return Formula(f"e^{{{a.tex}}}", f"e^({a.typst})")
    if kind < 0.92:
        return _special(rng)
    if kind < 0.94:
        (left, right), typst = rng.choice([*_FENCES.items()])
        a = inner()
        return Formula(f"{left} {a.tex} {right}", typst.format(a.typst))
    a = inner() + _one_of(rng, _JOINTS, 0.7) + inner()
    above = rng.choice(_POWERS) if rng.random() < 0.4 else ""
    return Formula(
        f"({a.tex})" + (f"^{{{above}}}" if above else ""),
        f"({a.typst})" + (f"^({above})" if above else ""),
    )


def _aligned(rng: random.Random) -> Formula:
    """Lines with their signs of equality below each other."""
    rows = [(term(rng) if n == 0 else Formula("", ""), term(rng)) for n in range(rng.randint(2, 3))]
    sign = _one_of(rng, _RELATIONS, 0.7)
    tex = r" \\ ".join(f"{a.tex} &{sign.tex} {b.tex}".strip() for a, b in rows)
    typst = r" \ ".join(f"{a.typst} &{sign.typst} {b.typst}".strip() for a, b in rows)
    return Formula(rf"\begin{{aligned}} {tex} \end{{aligned}}", typst)


def _list(rng: random.Random) -> Formula:
    """Things with indices from the first to the last."""
    name, last = _name(rng), rng.choice("nNmkp")
    tex = rf"{name.tex}_{{1}}, \ldots, {name.tex}_{{{last}}}"
    return Formula(tex, f"{name.typst}_1, dots, {name.typst}_{last}")


def _special(rng: random.Random) -> Formula:
    """A derivative, a limit, a binomial, a gradient or a logarithm with its base."""
    a, b = _name(rng), _name(rng)
    match rng.randrange(5):
        case 0:
            tex = rf"\frac{{\partial {a.tex}}}{{\partial {b.tex}}}"
            return Formula(tex, f"frac(partial {a.typst}, partial {b.typst})")
        case 1:
            sign = rf"\lim_{{{a.tex} \to 0}} {b.tex}({a.tex})"
            return Formula(sign, f"lim_({a.typst} -> 0) {b.typst} ({a.typst})")
        case 2:
            return Formula(rf"\binom{{{a.tex}}}{{{b.tex}}}", f"binom({a.typst}, {b.typst})")
        case 3:
            return Formula(rf"\nabla {a.tex}({b.tex})", f"nabla {a.typst} ({b.typst})")
        case _:
            base = rng.choice(("2", "10", "b"))
            return Formula(rf"\log_{{{base}}} {a.tex}", f"log_({base}) {a.typst}")


def _array(rng: random.Random) -> Formula:
    rows = [[_atom(rng) for _ in range(2)] for _ in range(rng.randint(2, 3))]
    tex = r" \\ ".join(" & ".join(cell.tex for cell in row) for row in rows)
    if rng.random() < 0.5:
        typst = "; ".join(", ".join(cell.typst for cell in row) for row in rows)
        return Formula(rf"\begin{{pmatrix}} {tex} \end{{pmatrix}}", f"mat({typst})")
    typst = ", ".join(" & ".join(cell.typst for cell in row) for row in rows)
    return Formula(rf"\begin{{cases}} {tex} \end{{cases}}", f"cases({typst})")


def _atom(rng: random.Random) -> Formula:
    kind = rng.random()
    if kind < 0.2:
        return _number(rng)
    if kind < 0.24:
        return _one_of(rng, _SETS)
    base = _name(rng)
    if kind < 0.3:
        tex, typst = rng.choice([*_ACCENTS.items()])
        return Formula(rf"\{tex}{{{base.tex}}}", f"{typst}({base.typst})")
    if kind < 0.33:
        face, typst = rng.choice([*_FACES.items()])
        letter = rng.choice("ABCDEFGHIJKLMNPRSTUVWXYZ" if face == "mathcal" else "xyzuvwABFIJTX")
        return Formula(rf"\{face}{{{letter}}}", typst.format(letter))
    if kind < 0.5:
        below = _name(rng) if rng.random() < 0.1 else _same(rng.choice(_INDICES))
        base = Formula(f"{base.tex}_{{{below.tex}}}", f"{base.typst}_({below.typst})")
    if kind > 0.85:
        above = _name(rng) if rng.random() < 0.1 else _same(rng.choice(_POWERS))
        base = Formula(f"{base.tex}^{{{above.tex}}}", f"{base.typst}^({above.typst})")
    return base


def _same(sign: str) -> Formula:
    """What is written alike in both notations."""
    return Formula(sign, sign)


def _name(rng: random.Random) -> Formula:
    if rng.random() < 0.8:
        letter = rng.choice(_LETTERS)
        return Formula(letter, letter)
    tex, typst = rng.choice([*_GREEK.items()])
    return Formula(f"\\{tex}", typst)


def _number(rng: random.Random) -> Formula:
    number = str(rng.choice((0, 1, 1, 2, 2, 3, rng.randint(4, 99), round(rng.random(), 2))))
    return Formula(number, number)


def _one_of(rng: random.Random, choices: dict[str, str], first: float = 0.0) -> Formula:
    tex, typst = [*choices.items()][0 if rng.random() < first else rng.randrange(len(choices))]
    return Formula(tex, typst)
