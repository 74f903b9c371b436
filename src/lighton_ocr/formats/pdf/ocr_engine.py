"""An OCR engine for OCRmyPDF that takes the text of pages from a LightOnOCR model.

https://ocrmypdf.readthedocs.io/en/latest/plugins.html
"""

import logging
import re
from abc import abstractmethod
from dataclasses import dataclass
from importlib.metadata import version
from math import radians, tan
from pathlib import Path

from ocrmypdf import (
    Baseline,
    BoundingBox,
    OcrClass,
    OcrElement,
    OcrEngine,
    OcrOptions,
    OrientationConfidence,
)
from PIL import Image
from pluggy import PluginManager

from lighton_ocr.documents.boxes import BOX_SIZE, ExactBox
from lighton_ocr.layout.ink import Ink, page_ink
from lighton_ocr.layout.lines import find_lines
from lighton_ocr.layout.placing import (
    CONFIDENT,
    LEAST_CONFIDENCE,
    PlacedLine,
    confidence_in,
    place,
    spread_over,
)
from lighton_ocr.layout.skew import level_pages, skew_of, turned_back
from lighton_ocr.layout.words import printed_words
from lighton_ocr.reading.results import PageResult

# The languages of LightOnOCR-1B and -2, as OCRmyPDF's --language names them. It is no setting:
# the models tell languages apart by themselves.
_LANGUAGES = set("eng fra deu spa ita nld por swe dan ron cat".split())

# How far letters reach below and above the baseline, in type sizes.
_DESCENTS = ((frozenset("gjpqyQ()[]{}|/@§"), 0.21), (frozenset(",;_$"), 0.13))
_TALL = re.compile(r"[^\Wacegmnopqrsuvwxyz_]|[(){}|/\"'!?%&@#$\[\]]")
_ASCENT, _SMALL_ASCENT = 0.71, 0.46

log = logging.getLogger("ocrmypdf")


def without_tesseract(plugins: PluginManager) -> None:
    """Take out OCRmyPDF's plugin for Tesseract, which fails where Tesseract is not installed.

    OCRmyPDF still looks at its options: who calls this registers `TesseractOptions`.
    """
    plugins.set_blocked("ocrmypdf.builtin_plugins.tesseract_ocr")


@dataclass(frozen=True)
class PrintedText:
    """A page's Markdown, and that of its blocks with their boxes, if the model gave boxes."""

    markdown: str
    blocks: tuple[tuple[ExactBox, str], ...] = ()


@dataclass(frozen=True)
class PlacedText:
    """A page's lines, as they stand after it was turned by `skew` degrees so that they are level.

    If not `is_placed`, nothing tells where they stand, and they are spread over the page.
    """

    lines: list[PlacedLine]
    is_placed: bool = True
    skew: float = 0.0


def printed_text(page: PageResult) -> PrintedText:
    """Return a page's Markdown, and its blocks' if the model gave a box for each that has text."""
    with_text = [block for block in page.blocks if block.text]
    boxes = tuple(
        (block.box, block.text) for block in with_text if block.box and block.box_from == "model"
    )
    return PrintedText(page.text, boxes if len(boxes) == len(with_text) else ())


class LightonOcrEngine(OcrEngine):
    """Places the text of pages on their images; a subclass says what a page's text is."""

    @abstractmethod
    def read_page(self, image: Path, options: OcrOptions, index: int) -> PrintedText:
        """Return the text of the page of that index (from 0), empty for a blank one."""

    def warn(self, sentence: str) -> None:
        """Tell the user that something is not as it should be."""
        log.warning("%s", sentence)

    # OCRmyPDF calls it on an instance, although it declares a static method.
    def generate_ocr(  # type: ignore[override]
        self, input_file: Path, options: OcrOptions, page_number: int = 0
    ) -> tuple[OcrElement, str]:
        """Return the page's lines and words as a tree, and its Markdown."""
        text = self.read_page(input_file, options, page_number)
        with Image.open(input_file) as image:
            placed = place_text(text, image)
            if not placed.is_placed:
                self.warn(
                    f"Page {page_number + 1}: the positions of its words are not known; its text "
                    "is spread over the whole page."
                )
            dpi = float(image.info.get("dpi", (72, 72))[0])
            return _page(placed, image.size, dpi, page_number), text.markdown

    @staticmethod
    def supports_generate_ocr() -> bool:
        """Say that `generate_ocr` is what to call."""
        return True

    @staticmethod
    def version() -> str:
        """Return this package's version."""
        return version("lighton-ocr")

    @staticmethod
    def creator_tag(options: OcrOptions) -> str:
        """Return what the PDF's metadata name as its creator."""
        return f"lighton-ocr {LightonOcrEngine.version()}"

    def __str__(self) -> str:
        return f"lighton-ocr {self.version()}"

    @staticmethod
    def languages(options: OcrOptions) -> set[str]:
        """Return the languages that `--language` may name."""
        return _LANGUAGES

    @staticmethod
    def get_orientation(input_file: Path, options: OcrOptions) -> OrientationConfidence:
        """Return that the page is upright: its direction is not looked for."""
        return OrientationConfidence(angle=0, confidence=0.0)

    @staticmethod
    def get_deskew(input_file: Path, options: OcrOptions) -> float:
        """Return by how many degrees to turn the page counterclockwise, so that it is straight."""
        with Image.open(input_file) as image:
            return skew_of(page_ink(image))

    @staticmethod
    def generate_hocr(
        input_file: Path, output_hocr: Path, output_text: Path, options: OcrOptions
    ) -> None:
        """Refuse: `generate_ocr` gives the same without a file."""
        raise NotImplementedError

    @staticmethod
    def generate_pdf(
        input_file: Path, output_pdf: Path, output_text: Path, options: OcrOptions
    ) -> None:
        """Refuse: this engine draws no PDF."""
        raise NotImplementedError("Leave out --pdf-renderer sandwich: it is for Tesseract.")


def place_text(text: PrintedText, image: Image.Image) -> PlacedText:
    """Return a page's lines where they stand; if that is not known, spread over the page."""
    if text.blocks:
        ink = page_ink(image)
        placed = (_place_block(part, ink, box) for box, part in text.blocks)
        return PlacedText([line for lines in placed for line in lines])
    words = printed_words(text.markdown)
    if not words:
        return PlacedText([])
    best, confidence = PlacedText(spread_over(words), is_placed=False), LEAST_CONFIDENCE
    for level in level_pages(image):
        lines = place(words, find_lines(page_ink(level.image)))
        if (found := confidence_in(lines, words)) >= confidence:
            best, confidence = PlacedText(lines, skew=level.skew), found
        if found > CONFIDENT:
            break
    return best


def _place_block(markdown: str, ink: Ink, box: ExactBox) -> list[PlacedLine]:
    """Return the lines of a block, of which it is known where it stands."""
    words = printed_words(markdown)
    if not words:
        return []
    return place(words, find_lines(ink, box)) or spread_over(words, box)


def _page(text: PlacedText, size: tuple[int, int], dpi: float, index: int) -> OcrElement:
    return OcrElement(
        OcrClass.PAGE,
        BoundingBox(0, 0, *size),
        dpi=dpi,
        page_number=index,
        children=[_line(line, text.skew, size) for line in text.lines],
    )


def _line(line: PlacedLine, skew: float, size: tuple[int, int]) -> OcrElement:
    """Return a line in a box that gives it its type size: OCRmyPDF takes the box's height."""
    left, top, right, bottom = line.box
    descent = next((share for letters, share in _DESCENTS if letters & set(line.text)), 0.0)
    ascent = _ASCENT if _TALL.search(line.text) else _SMALL_ASCENT
    share = descent / (ascent + descent)
    base = bottom - share * (bottom - top)
    # The left end of the baseline stays where it is on the page when the line is turned.
    start = _on_page((left, base, left, base), skew, size)
    type_size = (bottom - top) * size[1] / BOX_SIZE / (ascent + descent)
    width = (right - left) * size[0] / BOX_SIZE
    depth = type_size * descent
    return OcrElement(
        OcrClass.LINE,
        BoundingBox(start.left, start.top - type_size, start.left + width, start.top + depth),
        baseline=Baseline(tan(radians(skew)), -depth),
        confidence=line.confidence,
        children=[
            OcrElement(OcrClass.WORD, _on_page(word.box, skew, size), text=word.text)
            for word in line.words
        ],
    )


def _on_page(box: ExactBox, skew: float, size: tuple[int, int]) -> BoundingBox:
    """Return in pixels where a box of the level page is on the page as it is."""
    left, top, right, bottom = turned_back(box, skew, size)
    across, down = size[0] / BOX_SIZE, size[1] / BOX_SIZE
    return BoundingBox(left * across, top * down, right * across, bottom * down)
