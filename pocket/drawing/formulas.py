"""Random formulas in LaTeX, drawn by matplotlib's mathtext and kept in a pool."""

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NAMES = [
    *"abcdefghijklmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVXYZ",
    *(
        rf"\{name}"
        for name in "alpha beta gamma delta epsilon theta lambda mu pi rho sigma".split()
    ),
    *(rf"\{name}" for name in "phi omega Delta Omega psi tau xi eta infty nabla partial".split()),
]
_JOINTS = (" + ", " - ", " ", r" \cdot ", r" \times ")
_RELATIONS = (
    " = ",
    " = ",
    " = ",
    r" \leq ",
    r" \geq ",
    r" \approx ",
    " < ",
    r" \in ",
    r" \to ",
    r" \neq ",
)
_FONTS = ("cm", "cm", "cm", "stix", "dejavuserif", "dejavusans")


@dataclass(frozen=True)
class Formula:
    """LaTeX and its ink; `depth` is how many rows of it lie under the baseline."""

    tex: str
    ink: NDArray[np.uint8]
    depth: int


def expression(rng: random.Random, depth: int = 0) -> str:  # noqa: PLR0911
    """A random term that mathtext can set."""
    inner = lambda: expression(rng, depth + 1)  # noqa: E731
    name = rng.choice(_NAMES)
    kind = rng.random()
    if depth > 2 or kind < 0.28:
        return name if rng.random() < 0.75 else str(rng.randint(0, 99))
    if kind < 0.40:
        return f"{name}_{{{rng.choice(_NAMES) if rng.random() < 0.6 else rng.randint(0, 9)}}}"
    if kind < 0.52:
        return f"{name}^{{{inner() if rng.random() < 0.3 else rng.randint(2, 9)}}}"
    if kind < 0.68:
        return inner() + rng.choice(_JOINTS) + inner()
    if kind < 0.77:
        return rf"\frac{{{inner()}}}{{{inner()}}}"
    if kind < 0.81:
        return rf"\sqrt{{{inner()}}}"
    if kind < 0.88:
        sign = rng.choice((r"\sum", r"\prod", r"\int"))
        return rf"{sign}_{{{name} = {rng.randint(0, 1)}}}^{{{rng.choice(_NAMES)}}} {inner()}"
    if kind < 0.94:
        return rng.choice((r"\sin", r"\cos", r"\log", r"\exp", r"\max", "f", "P")) + f"({inner()})"
    return f"({inner()})" if rng.random() < 0.6 else rf"\hat{{{name}}}"


class FormulaPool:
    """Setting a formula takes 10 ms, so a few hundred are kept and slowly replaced."""

    def __init__(self, size: int = 300) -> None:
        self.size = size
        self.formulas: list[Formula] = []

    def pick(self, rng: random.Random, size: float) -> Formula:
        """A formula for type of about `size` pixels."""
        if len(self.formulas) < 40 or rng.random() < 0.12:
            new = self._set(rng, size)
            if new is not None:
                self.formulas.append(new)
                if len(self.formulas) > self.size:
                    self.formulas.pop(rng.randrange(self.size))
        return (
            rng.choice(self.formulas)
            if self.formulas
            else Formula("x", np.zeros((8, 8), np.uint8), 0)
        )

    def _set(self, rng: random.Random, size: float) -> Formula | None:
        import matplotlib
        from matplotlib.font_manager import FontProperties
        from matplotlib.mathtext import MathTextParser

        tex = expression(rng, 1 if rng.random() < 0.5 else 0)
        if rng.random() < 0.8:
            tex += rng.choice(_RELATIONS) + expression(rng, 1)
        if not 3 <= len(tex) <= 110:
            return None
        with matplotlib.rc_context({"mathtext.fontset": rng.choice(_FONTS)}):
            properties = FontProperties(size=size * rng.uniform(0.95, 1.2))
            drawn = MathTextParser("agg").parse(f"${tex}$", dpi=72, prop=properties)
        ink = np.asarray(drawn.image, np.uint8)
        return Formula(tex, ink.copy(), int(drawn.depth)) if ink.size and ink.max() else None
