"""The lines of a PDF's page in the order of its content, with their type and place."""

import ctypes
import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

import pypdfium2
import pypdfium2.raw as pdfium

_MONO = re.compile(
    r"(?i)cmtt|cmcsc?tt|sltt|itt|tctt|sf[ist]tt?\d|mono(?!prop)|nimbusmon|courier|typewriter|lmtt|ntt"
    r"|t1?xb?tt|consol|code|lettergothic|anonymous|monaco|menlo|hack-|plus1mn|libertinemt"
)
_MATHS = re.compile(
    r"(?i)^(cmmi|cmmib|cmsy|cmbsy|cmex|ms[ab]m|eu[fsrex]m|lmmath|rsfs|stmary|wasy|.*math|.*symbol"
    r"|ccicons|fontawesome|marvosym|skak|.*chess|.*icon)"
)
_BOLD = re.compile(r"(?i)bold|black|heavy|cmbx|cmssbx|sfbx|ecbx|lmbx|-bd|medi\b|demi")
# pdfium's mark for a hyphen at which a word was broken.
BROKEN = "\x02"


@dataclass(frozen=True)
class Letter:
    """A character: where its advance begins and ends and its baseline lies, in points upwards."""

    text: str
    left: float
    right: float
    base: float
    size: float
    font: str
    piece: int  # the address of the text object that it is part of, 0 for a space between two

    @cached_property
    def mono(self) -> bool:
        return bool(_MONO.search(self.font))

    @cached_property
    def maths(self) -> bool:
        return bool(_MATHS.match(self.font))

    @cached_property
    def bold(self) -> bool:
        return bool(_BOLD.search(self.font))


@dataclass(frozen=True)
class Line:
    """Letters on one baseline; spaces are letters with no width of their own."""

    letters: tuple[Letter, ...]

    @cached_property
    def inked(self) -> list[Letter]:
        return [letter for letter in self.letters if not letter.text.isspace()]

    @cached_property
    def left(self) -> float:
        return min(letter.left for letter in self.inked)

    @cached_property
    def right(self) -> float:
        return max(letter.right for letter in self.inked)

    @cached_property
    def size(self) -> float:
        return Counter(round(letter.size, 1) for letter in self.inked).most_common(1)[0][0]

    @cached_property
    def base(self) -> float:
        return Counter(round(letter.base, 1) for letter in self.inked).most_common(1)[0][0]

    @property
    def middle(self) -> float:
        """The height of the middle of its small letters."""
        return self.base + 0.3 * self.size

    def share(self, kind: str) -> float:
        """How much of the line is `mono`, `maths` or `bold`, 0 to 1."""
        return sum(getattr(letter, kind) for letter in self.inked) / len(self.inked)

    @cached_property
    def broken(self) -> bool:
        """Whether the line ends inside a word, at a hyphen that is not part of it."""
        return self.inked[-1].text == BROKEN

    @cached_property
    def text(self) -> str:
        """The line's words; between letters of one width, as many spaces as there is room for."""
        out, before, space, least = [], None, False, 0
        for letter in self.letters:
            if letter.text.isspace():
                space, least = True, max(least, letter.piece != 0)
                continue
            if before is not None and (space or letter.left - before.right > 0.6 * before.size):
                width = letter.right - letter.left
                gap = letter.left - before.right
                mono = before.mono and letter.mono and width > 0
                # pdfium puts a space also where code is only set loosely.
                out.append(" " * (max(least, round(gap / width)) if mono else 1))
            out.append(letter.text)
            before, space, least = letter, False, 0
        return "".join(out)

    def widest_gap(self) -> float:
        """The widest gap between two words, in the line's type sizes."""
        pairs = zip(self.inked, self.inked[1:], strict=False)
        return max([b.left - a.right for a, b in pairs] or [0]) / max(self.size, 1)


def page_lines(page: pypdfium2.PdfPage, without: Set[int] = frozenset()) -> list[Line]:
    """The lines as pdfium parts them; pieces of one line, such as an exponent, joined again.
    The text objects at the addresses in `without` are left out."""
    lines: list[Line] = []
    for letters in _runs(page, without):
        line = Line(tuple(letters))
        if not line.inked:
            continue
        if lines and _continues(lines[-1], line):
            lines[-1] = Line((*lines[-1].letters, *letters))
        else:
            lines.append(line)
    return lines


def _continues(line: Line, piece: Line) -> bool:
    """Whether the piece stands to the right of the line and at its height."""
    near = abs(line.base - piece.base) < 0.55 * max(line.size, piece.size)
    return near and piece.left >= line.right - 0.1 * line.size and not line.broken


def _runs(page: pypdfium2.PdfPage, without: Set[int]) -> list[list[Letter]]:
    text = page.get_textpage()
    raw = text.raw
    x, y = ctypes.c_double(), ctypes.c_double()
    box = pdfium.FS_RECTF()
    fonts: dict[int, str] = {}
    runs: list[list[Letter]] = [[]]
    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(raw, index)
        if code in (10, 13):
            if runs[-1]:
                runs.append([])
            continue
        piece = ctypes.cast(pdfium.FPDFText_GetTextObject(raw, index), ctypes.c_void_p).value or 0
        if piece in without:
            if runs[-1]:
                runs.append([])
            continue
        if piece not in fonts:
            fonts[piece] = _font(raw, index)
        pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
        pdfium.FPDFText_GetLooseCharBox(raw, index, box)
        runs[-1].append(
            Letter(
                chr(code),
                box.left,
                box.right,
                y.value,
                pdfium.FPDFText_GetFontSize(raw, index),
                fonts[piece],
                piece,
            )
        )
        if chr(code) == BROKEN:  # and pdfium does not end the line there
            runs.append([])
    return runs


def _font(raw: pdfium.FPDF_TEXTPAGE, index: int) -> str:
    """The name of a letter's font, without the tag of a subset."""
    buffer, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(raw, index, buffer, 128, flags)
    return buffer.value.decode("utf8", "replace").rpartition("+")[2]
