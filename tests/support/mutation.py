"""Documents that went wrong: real ones of every kind, cut, swapped, flipped and spliced."""

from functools import cache
from io import BytesIO

from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.support.examples import EXAMPLES

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "JPEG2000")
# What parsers trip over: huge and negative numbers, loops of references, names of other filters.
TOKENS = (
    *(b"-1", b"0", b"99999999999", b"2147483647", b"1e309", b"\xff" * 8, b"\0" * 8),
    *(b"1 0 R", b"[1 0 R 1 0 R]", b"<<", b">>", b"endobj", b"endstream", b"stream\n", b"%PDF-1.7"),
    *(b"/FlateDecode", b"/JBIG2Decode", b"/JPXDecode", b"/LZWDecode", b"/CCITTFaxDecode"),
    *(b"/Type /Pages", b"/Kids", b"/Count", b"/MediaBox [0 0 1e9 1e9]", b"/Rotate 45"),
)


@cache
def pdfs() -> tuple[bytes, ...]:
    """Whole PDFs: written, scanned, with forms, encrypted."""
    written = [path.read_bytes() for path in sorted(EXAMPLES.glob("*.pdf"))]
    return (*written, _scan(), _form(), _form(encrypt=StandardEncryption("")))


@cache
def pictures() -> tuple[bytes, ...]:
    """Whole images, gray and coloured, in every format that can be read."""
    noise = Image.effect_noise((64, 48), 60)
    colour = Image.merge("RGB", [noise, noise.rotate(90), noise.rotate(180)])
    return tuple(_saved(image, format) for format in FORMATS for image in (noise, colour))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A document with one to twenty faults."""
    kinds = [pdfs(), pdfs(), pictures()]  # pdfium is what may crash
    data = bytearray(draw(st.sampled_from(draw(st.sampled_from(kinds)))))
    for _ in range(draw(st.integers(1, 20))):
        start = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.integers(1, 400))
        fault = draw(st.sampled_from(["flip", "cut", "twice", "splice", "token", "end"]))
        if fault == "flip" and data:
            data[start] ^= 1 << draw(st.integers(0, 7))
        elif fault == "cut":
            del data[start : start + length]
        elif fault == "twice":
            data[start:start] = data[start : start + length]
        elif fault == "splice":
            other = draw(st.sampled_from(pdfs() + pictures()))
            there = draw(st.integers(0, len(other) - 1))
            data[start : start + length] = other[there : there + length]
        elif fault == "token":
            token = draw(st.sampled_from(TOKENS))
            data[start : start + len(token)] = token
        elif draw(st.integers(0, 4)) == 0:  # seldom: little is left of such a document
            del data[start:]
    return bytes(data)


def _scan() -> bytes:
    """Pages that are one image with a white margin: as a photo, and as compressed pixels."""
    page = Image.new("L", (60, 80), 255)
    page.paste(Image.effect_noise((48, 64), 60), (6, 8))
    photo = BytesIO(_saved(page, "JPEG"))
    file = BytesIO()
    canvas = Canvas(file, pagesize=(200, 200), pageCompression=0, invariant=True)
    for image in (ImageReader(photo), ImageReader(page)):
        canvas.drawImage(image, 0, 0, 200, 200)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _form(**options: object) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(200, 200), pageCompression=0, invariant=True, **options)
    for number in range(3):
        canvas.drawString(20, 180, f"Page {number}")
        canvas.acroForm.textfield(value="FILLED", x=60, y=80, width=100, height=40)
        canvas.drawInlineImage(Image.effect_noise((16, 16), 50), 20, 20)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _saved(image: Image.Image, format: str) -> bytes:
    file = BytesIO()
    image.save(file, format)
    return file.getvalue()
