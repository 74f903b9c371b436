"""Random formulas, each in LaTeX for the transcript and in Typst's notation for the page."""

import random
from collections.abc import Callable

from pocket.drawing.symbols import (
    JOINTS,
    RELATIONS,
    Formula,
    atom,
    indexed,
    name,
    number,
    one_of,
    raised,
    same,
)

_SUMS = {r"\sum": "sum", r"\prod": "product", r"\int": "integral", r"\bigcup": "union.big"}
_FUNCTIONS = ("sin", "cos", "log", "exp", "max", "min", "ln", "det")
_FENCES = {
    (r"\lvert", r"\rvert"): "abs({})",
    (r"\lVert", r"\rVert"): "norm({})",
    (r"\lfloor", r"\rfloor"): "floor({})",
    (r"\lceil", r"\rceil"): "ceil({})",
    ("[", "]"): "[{}]",
    (r"\{", r"\}"): "{{{}}}",
}


def equation(rng: random.Random) -> Formula:
    """A displayed formula: mostly two sides, at times more, cases, a matrix or several lines."""
    if rng.random() < 0.1:
        return _aligned(rng)
    out = term(rng)
    for _ in range(rng.choice((0, 1, 1, 1, 1, 2))):
        right = _array(rng) if rng.random() < 0.1 else term(rng)
        out = out + one_of(rng, RELATIONS, 0.6) + right
    return out


def ended(formula: Formula, sign: str) -> Formula:
    """The formula with a sentence's stop or comma behind it."""
    return Formula(formula.tex + sign, f'{formula.typst}"{sign}"') if sign else formula


def inline(rng: random.Random) -> Formula:
    """A formula small enough for a line of text."""
    kind = rng.random()
    if kind < 0.22:
        return name(rng)
    if kind < 0.27:
        return _list(rng)
    if kind < 0.35:
        return atom(rng)
    if kind < 0.5:  # as `n = 12` and `p < 0.05`
        return name(rng) + one_of(rng, RELATIONS, 0.5) + number(rng)
    if kind < 0.7:
        return term(rng, 2)
    left, right = term(rng, 2), term(rng, 2)
    return left + one_of(rng, RELATIONS, 0.5) + right


def term(rng: random.Random, depth: int = 0) -> Formula:
    """A random term; each level of `depth` makes it simpler."""
    if depth > 2:
        return atom(rng)
    maker = rng.choices([*_TERMS], [*_TERMS.values()])[0]
    return maker(rng, depth + 1)


def _atom(rng: random.Random, _: int) -> Formula:
    return atom(rng)


def _joined(rng: random.Random, depth: int) -> Formula:
    return term(rng, depth) + one_of(rng, JOINTS, 0.7) + term(rng, depth)


def _product(rng: random.Random, _: int) -> Formula:
    """Factors without a sign between them, as in `2 \\pi r` and `4 a c`."""
    factors = [number(rng)] if rng.random() < 0.35 else []
    factors += [name(rng) if rng.random() < 0.6 else _powered(rng)]
    factors += [_powered(rng) for _ in range(rng.choice((0, 1, 1, 2)))]
    out = factors[0]
    for factor in factors[1:]:
        out = out + factor
    return out


def _powered(rng: random.Random) -> Formula:
    """A letter, at times with an index or a power."""
    base, kind = name(rng), rng.random()
    if kind < 0.3:
        return indexed(base, same(rng.choice("012ijkn")))
    return raised(base, same(rng.choice("22223n"))) if kind < 0.6 else base


def _fraction(rng: random.Random, depth: int) -> Formula:
    a, b = term(rng, depth), term(rng, depth)
    if depth > 1 and rng.random() < 0.3:
        a, b = name(rng), name(rng)
        return a + Formula("/", "slash") + b
    return Formula(rf"\frac{{{a.tex}}}{{{b.tex}}}", f"frac({a.typst}, {b.typst})")


def _root(rng: random.Random, depth: int) -> Formula:
    a = _joined(rng, depth) if rng.random() < 0.5 else term(rng, depth)
    return Formula(rf"\sqrt{{{a.tex}}}", f"sqrt({a.typst})")


def _sum(rng: random.Random, depth: int) -> Formula:
    if depth > 2:
        return atom(rng)
    if rng.random() < 0.25:
        return _integral(rng, depth)
    sign, low = one_of(rng, _SUMS, 0.5), same(rng.choice("iiijjkknm"))
    end = atom(rng) if rng.random() < 0.25 else same(rng.choice("nnnNmk"))
    low = low + Formula("=", "=") + same(rng.choice("000111112"))
    return raised(indexed(sign, low), end) + term(rng, depth)


def _integral(rng: random.Random, depth: int) -> Formula:
    """With its bounds and the variable that is integrated over."""
    low, end, of = same(rng.choice("00001ab")), atom(rng), name(rng)
    bounded = raised(indexed(Formula(r"\int", "integral"), low), end)
    return bounded + term(rng, depth) + Formula(rf"\, d {of.tex}", f"thin d {of.typst}")


def _called(rng: random.Random, depth: int) -> Formula:
    """A function of something, its brackets left out at times, or a derivative by a prime."""
    called = rng.choice((*_FUNCTIONS, *"fgPEOhu"))
    function = Formula(f"\\{called}", called) if len(called) > 1 else same(called)
    if len(called) > 1 and rng.random() < 0.3:
        return function + name(rng)
    a = term(rng, depth)
    if len(called) == 1 and rng.random() < 0.15:
        function = same(f"{called}'")
    if called == "P" and rng.random() < 0.4:
        a = a + Formula(r"\mid", "divides") + name(rng)
    return Formula(f"{function.tex}({a.tex})", f"{function.typst} ({a.typst})")


def _exponential(rng: random.Random, depth: int) -> Formula:
    return raised(same("e"), term(rng, depth))


def _fenced(rng: random.Random, depth: int) -> Formula:
    (left, right), typst = rng.choice([*_FENCES.items()])
    a = term(rng, depth)
    return Formula(f"{left} {a.tex} {right}", typst.format(a.typst))


def _bracketed(rng: random.Random, depth: int) -> Formula:
    a = _joined(rng, depth)
    out = Formula(f"({a.tex})", f"({a.typst})")
    return raised(out, same(rng.choice("22223nk"))) if rng.random() < 0.4 else out


def _special(rng: random.Random, _: int) -> Formula:
    """A derivative, a limit, a binomial, a gradient, a factorial, a logarithm with its base, or a
    sum of which only the first and the last term are written."""
    a, b = name(rng), name(rng)
    base, last = rng.choice(("2", "10", "b")), rng.choice("nNmkp")
    forms = (
        (
            rf"\frac{{\partial {a.tex}}}{{\partial {b.tex}}}",
            f"frac(partial {a.typst}, partial {b.typst})",
        ),
        (
            rf"\lim_{{{a.tex} \to 0}} {b.tex}({a.tex})",
            f"lim_({a.typst} -> 0) {b.typst} ({a.typst})",
        ),
        (rf"\binom{{{a.tex}}}{{{b.tex}}}", f"binom({a.typst}, {b.typst})"),
        (rf"\nabla {a.tex}({b.tex})", f"nabla {a.typst} ({b.typst})"),
        (f"{a.tex}!", f"{a.typst}!"),
        (rf"\log_{{{base}}} {a.tex}", f"log_({base}) {a.typst}"),
        (
            rf"{a.tex}_{{1}} + \cdots + {a.tex}_{{{last}}}",
            f"{a.typst}_(1) + dots.h.c + {a.typst}_({last})",
        ),
    )
    return Formula(*rng.choice(forms))


# What a term is, and how often.
_TERMS: dict[Callable[[random.Random, int], Formula], float] = {
    _atom: 23,
    _joined: 21,
    _product: 14,
    _fraction: 10,
    _root: 4,
    _sum: 7,
    _called: 10,
    _exponential: 1.5,
    _special: 2.5,
    _fenced: 2,
    _bracketed: 5,
}


def _aligned(rng: random.Random) -> Formula:
    """Lines with their signs of equality below each other."""
    rows = [(term(rng) if n == 0 else Formula("", ""), term(rng)) for n in range(rng.randint(2, 3))]
    sign = one_of(rng, RELATIONS, 0.7)
    tex = r" \\ ".join(f"{a.tex} &{sign.tex} {b.tex}".strip() for a, b in rows)
    typst = r" \ ".join(f"{a.typst} &{sign.typst} {b.typst}".strip() for a, b in rows)
    return Formula(rf"\begin{{aligned}} {tex} \end{{aligned}}", typst)


def _list(rng: random.Random) -> Formula:
    """Things with indices from the first to the last."""
    thing, last = name(rng), rng.choice("nNmkp")
    tex = rf"{thing.tex}_{{1}}, \ldots, {thing.tex}_{{{last}}}"
    return Formula(tex, f"{thing.typst}_1, dots, {thing.typst}_{last}")


def _array(rng: random.Random) -> Formula:
    rows = [[atom(rng) for _ in range(2)] for _ in range(rng.randint(2, 3))]
    tex = r" \\ ".join(" & ".join(cell.tex for cell in row) for row in rows)
    if rng.random() < 0.5:
        typst = "; ".join(", ".join(cell.typst for cell in row) for row in rows)
        return Formula(rf"\begin{{pmatrix}} {tex} \end{{pmatrix}}", f"mat({typst})")
    typst = ", ".join(" & ".join(cell.typst for cell in row) for row in rows)
    return Formula(rf"\begin{{cases}} {tex} \end{{cases}}", f"cases({typst})")
