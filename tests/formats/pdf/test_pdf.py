import math
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from lighton_ocr.documents import DocumentFile
from lighton_ocr.errors import DocumentError
from lighton_ocr.formats import FORMATS, Original
from lighton_ocr.formats.document_result import DocumentResult
from lighton_ocr.formats.options import DEFAULT_OPTIONS
from lighton_ocr.reading.results import PageResult
from tests.support.command_line import run
from tests.support.drawn_pages import PANGRAMS, scan
from tests.support.scripted_endpoint import ScriptedEndpoint, says

pytestmark = pytest.mark.slow  # OCRmyPDF looks for programs


def result(*texts: str) -> DocumentResult:
    pages = tuple(PageResult(number, text, "stop") for number, text in enumerate(texts, 1))
    return DocumentResult("a.pdf", pages, "m", "embedded", len(pages))


def searchable(file: Path, *texts: str, password: str | None = None) -> tuple[bytes, list[str]]:
    warnings: list[str] = []
    original = Original(DocumentFile(file, "a.pdf", password), warnings.append)
    return FORMATS["pdf"].encode(result(*texts), DEFAULT_OPTIONS, original), warnings


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    """A scan of one page with a bookmark, a link, a form, an attachment, and a turned page."""
    path = tmp_path / "scan.pdf"
    canvas = Canvas(str(path), (595, 842))
    canvas.drawImage(ImageReader(scan()), 0, 0, 595, 842)
    canvas.bookmarkPage("here")
    canvas.addOutlineEntry("The beginning", "here")
    canvas.linkURL("https://example.org/", (50, 50, 100, 100))
    canvas.acroForm.textfield(name="name", x=300, y=60)
    canvas.showPage()
    canvas.save()
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.attachments["note.txt"] = pikepdf.AttachedFileSpec(pdf, b"kept", filename="note.txt")
        pdf.save(path)
    return path


def test_letters_of_nine_languages_are_copied_as_they_are(scanned: Path, tmp_path: Path) -> None:
    data, warnings = searchable(scanned, "\n\n".join(PANGRAMS))
    assert warnings == []
    assert len(data) - scanned.stat().st_size < 50_000
    page = pypdfium2.PdfDocument(data)[0]
    copied = page.get_textpage().get_text_bounded()
    assert [" ".join(line.split()) for line in copied.splitlines()] == list(PANGRAMS)
    file = tmp_path / "out.pdf"
    file.write_bytes(data)
    text = subprocess.run(["pdftotext", file, "-"], capture_output=True, check=True, text=True)
    assert [line.strip() for line in text.stdout.split("\n") if line.strip("\f")] == list(PANGRAMS)


def test_what_a_user_reads_afterwards_is_not_lost(scanned: Path) -> None:
    before = sys.stderr
    searchable(scanned, "\n\n".join(PANGRAMS))
    assert sys.stderr is before


def test_everything_else_stays(scanned: Path) -> None:
    data, _ = searchable(scanned, "\n\n".join(PANGRAMS))
    with pikepdf.open(BytesIO(data)) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == ["The beginning"]
        assert pdf.attachments["note.txt"].get_file().read_bytes() == b"kept"
        subtypes = sorted(str(one.Subtype) for one in pdf.pages[0].Annots)
        assert subtypes == ["/Link", "/Widget"]
        assert str(pdf.Root.AcroForm.Fields[0].T) == "name"


def test_pages_that_were_not_read_stay_without_text(scanned: Path, tmp_path: Path) -> None:
    path = tmp_path / "two.pdf"
    with pikepdf.open(scanned) as pdf:
        pdf.pages.append(pdf.pages[0])
        pdf.pages[1].rotate(180, relative=True)
        pdf.save(path)
    data, _ = searchable(path, "", "\n\n".join(PANGRAMS))
    document = pypdfium2.PdfDocument(data)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    assert texts[0] == ""
    assert PANGRAMS[0] in texts[1]
    assert document[1].get_rotation() == 180


def test_what_can_be_searched_stays_as_it_is(letter: Path) -> None:
    data, warnings = searchable(letter, "anything")
    assert data == letter.read_bytes()
    assert warnings == ["a.pdf is already searchable: it stays as it is."]


@pytest.mark.parametrize("kind", ["searchable", "signed", "encrypted"])
def test_what_takes_no_text_is_told_before_a_page_is_read(
    scanned: Path, letter: Path, scripted: ScriptedEndpoint, tmp_path: Path, kind: str
) -> None:
    file = letter if kind == "searchable" else scanned
    with pikepdf.open(scanned, allow_overwriting_input=True) as pdf:
        pdf.Root.AcroForm.SigFlags = int(kind == "signed")
        protection = pikepdf.Encryption(owner="owner", user="user")
        pdf.save(scanned, encryption=protection if kind == "encrypted" else False)
    target = tmp_path / "out.pdf"
    password = ("--password", "user") if kind == "encrypted" else ()
    done = run("read", file, "--url", scripted.url, "-o", target, *password)
    sentence = f"lighton-ocr: {file} is {'already ' if kind == 'searchable' else ''}{kind}"
    assert done.stderr.decode().startswith(sentence)
    assert scripted.bodies == []
    if kind == "encrypted":
        assert (done.returncode, target.exists()) == (2, False)
    else:
        assert done.returncode == 0
        assert target.read_bytes() == file.read_bytes()


def test_a_document_that_everybody_may_open_is_looked_at_too(
    letter: Path, scripted: ScriptedEndpoint, tmp_path: Path
) -> None:
    protected = tmp_path / "protected.pdf"
    with pikepdf.open(letter) as pdf:
        pdf.save(protected, encryption=pikepdf.Encryption(owner="owner", user=""))
    done = run("read", protected, "--url", scripted.url, "-o", tmp_path / "out.pdf")
    assert b"protected.pdf is already searchable" in done.stderr
    assert scripted.bodies == []


def test_pages_that_hold_text_are_not_read(
    scanned: Path, letter: Path, scripted: ScriptedEndpoint, tmp_path: Path
) -> None:
    path = tmp_path / "two.pdf"
    with pikepdf.open(scanned) as pdf, pikepdf.open(letter) as other:
        pdf.pages.insert(0, other.pages[0])
        pdf.save(path)
    scripted.default = says("\n\n".join(PANGRAMS))
    done = run("read", path, "--url", scripted.url, "-o", tmp_path / "out.pdf")
    assert done.returncode == 0
    assert "1 of 2 pages hold text already" in done.stderr.decode()
    assert len(scripted.bodies) == 1
    texts = [
        page.get_textpage().get_text_bounded()
        for page in pypdfium2.PdfDocument(tmp_path / "out.pdf")
    ]
    assert "three boxes of photographs" in texts[0]
    assert PANGRAMS[0] in texts[1]


def test_a_signed_document_stays_as_it_is(scanned: Path) -> None:
    with pikepdf.open(scanned, allow_overwriting_input=True) as pdf:
        pdf.Root.AcroForm.SigFlags = 3
        pdf.save(scanned)
    data, warnings = searchable(scanned, "\n\n".join(PANGRAMS))
    assert data == scanned.read_bytes()
    assert "is signed" in warnings[0]


def test_an_encrypted_document_is_refused(scanned: Path) -> None:
    with pikepdf.open(scanned, allow_overwriting_input=True) as pdf:
        pdf.save(scanned, encryption=pikepdf.Encryption(owner="owner", user="user"))
    with pytest.raises(DocumentError, match="encrypted"):
        searchable(scanned, "\n\n".join(PANGRAMS), password="user")


@pytest.mark.parametrize("degrees", [-2.0, 1.5])
def test_the_words_of_a_skewed_scan_stand_on_their_ink(tmp_path: Path, degrees: float) -> None:
    placed = {}
    for turned in (0.0, degrees):
        path = tmp_path / "scan.png"
        scan().rotate(turned, fillcolor=255).save(path, dpi=(200, 200))
        data, warnings = searchable(path, "\n\n".join(PANGRAMS))
        assert warnings == []
        page = pypdfium2.PdfDocument(data)[0]
        text = page.get_textpage()
        copied = text.get_text_bounded().split()
        assert copied == " ".join(PANGRAMS).split()
        letters = [n for n in range(text.count_chars()) if text.get_text_range(n, 1).strip()]
        placed[turned] = [text.get_charbox(n)[:2] for n in letters]
    middle = [side / 2 for side in page.get_size()]
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    for level, skewed in zip(placed[0.0], placed[degrees], strict=True):
        x, y = level[0] - middle[0], level[1] - middle[1]
        wanted = (middle[0] + cosine * x - sine * y, middle[1] + sine * x + cosine * y)
        assert math.dist(wanted, skewed) < 5  # points; the type has 12


def test_an_image_that_no_pdf_can_hold_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "stroke.png"
    Image.new("L", (2, 2000), 255).save(path, dpi=(72, 72))
    with pytest.raises(DocumentError, match=r"a\.pdf cannot become a page of a PDF: Page size"):
        searchable(path, "word")


@pytest.mark.parametrize("kind", ["form", "image"])
def test_nothing_that_a_library_says_reaches_the_user(
    scanned: Path, scripted: ScriptedEndpoint, tmp_path: Path, kind: str
) -> None:
    file = scanned
    if kind == "form":  # with a field that no form names, and what pdfium cannot show
        with pikepdf.open(scanned, allow_overwriting_input=True) as pdf:
            pdf.Root.AcroForm.Fields = pikepdf.Array()
            pdf.Root.AcroForm.XFA = pikepdf.Array()
            with pytest.warns(pikepdf.PageCopyWarning):
                pdf.save(scanned)
    else:
        file = tmp_path / "wide.png"
        Image.new("L", (30000, 2), 255).save(file)
    done = run("read", file, "--url", scripted.url, "-o", tmp_path / "out.pdf")
    lines = done.stderr.decode().splitlines()
    assert lines
    assert all(line.startswith(("lighton-ocr: ", "Read ")) for line in lines), lines


def test_a_text_without_a_place_lies_over_the_page(scanned: Path) -> None:
    data, warnings = searchable(scanned, "word " * 500)
    assert "its text is spread over the whole page" in warnings[0]
    assert (
        pypdfium2.PdfDocument(data)[0].get_textpage().get_text_bounded().split() == ["word"] * 500
    )


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
def test_an_image_becomes_a_page_of_its_size(tmp_path: Path, format: str) -> None:
    path = tmp_path / "scan"
    image = scan()
    if format == "PNG":  # with an alpha channel
        image = image.convert("RGBA")
    more = {"save_all": True, "append_images": [scan(PANGRAMS[:3])]} if format == "TIFF" else {}
    image.save(path, format, dpi=(200, 200), **more)
    data, warnings = searchable(path, "\n\n".join(PANGRAMS), "\n\n".join(PANGRAMS[:3]))
    document = pypdfium2.PdfDocument(data)
    assert warnings == []
    assert len(document) == (2 if format == "TIFF" else 1)
    for page in document:
        assert page.get_size() == pytest.approx((595, 842), abs=1)
        assert PANGRAMS[2] in page.get_textpage().get_text_bounded()
