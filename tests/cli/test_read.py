import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.support.command_line import COMMAND, run
from tests.support.examples import EXAMPLES
from tests.support.scripted_endpoint import ScriptedEndpoint, says, status

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("dead_proxy")
def test_a_page_becomes_text_on_stdout_and_a_notice_on_stderr(letter: Path) -> None:
    done = run("read", letter)
    assert done.returncode == 0, done.stderr
    assert b"three boxes of photographs" in done.stdout
    assert b"pocket model" not in done.stdout
    assert done.stderr.decode().startswith("Reading on this CPU with the small pocket model")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("format", ["md", "html", "json", "jsonl"])
def test_formats(scripted: ScriptedEndpoint, letter: Path, tmp_path: Path, format: str) -> None:
    target = tmp_path / f"out.{format}"
    done = run("read", letter, "--url", scripted.url, "-o", target)
    assert (done.returncode, done.stdout) == (0, b"")
    text = target.read_text()
    assert "Hello from the page." in re.sub("<[^>]+>", "", text)  # HTML marks its differences
    if format.startswith("json"):
        assert json.loads(text)
    if format == "html":
        assert text.startswith("<!doctype html>")
    assert list(tmp_path.glob(".*.part")) == []


def test_json_lines_count_the_pages_of_the_file_and_not_those_that_were_read(
    scripted: ScriptedEndpoint, tmp_path: Path
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for _ in range(3):
        canvas.drawString(72, 700, "Dear Sir")
        canvas.showPage()
    canvas.save()
    options = ("--pages", "2", "--format", "jsonl")
    done = run("read", tmp_path / "a.pdf", "--url", scripted.url, *options)
    line = json.loads(done.stdout)
    assert [page for *_, page in line["attributes"]["pdf_page_numbers"]] == [2]
    assert line["metadata"]["pdf-total-pages"] == 3


@pytest.mark.parametrize("to_file", [True, False])
@pytest.mark.parametrize("format", ["html", "json", "jsonl"])
def test_a_name_that_is_not_utf8(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path, format: str, to_file: bool
) -> None:
    document = tmp_path / os.fsdecode(b"caf\xe9.pdf")
    document.write_bytes(letter.read_bytes())
    target = tmp_path / f"out.{format}"
    where = ["-o", target] if to_file else ["--format", format]
    done = run("read", document, "--url", scripted.url, *where)
    assert done.returncode == 0, done.stderr
    text = target.read_text() if to_file else done.stdout.decode()
    assert "Hello from the page." in re.sub("<[^>]+>", "", text)  # HTML marks its differences
    assert "udce9.pdf" in text


@pytest.mark.parametrize("command", ["read", "batch"])
def test_half_a_character_costs_no_page(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path, command: str
) -> None:
    scripted.default = says("A smile \ud83d and more.")
    where = {"read": ("-o", tmp_path / "letter.md"), "batch": ("--out", tmp_path)}[command]
    done = run(command, letter, "--url", scripted.url, *where)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "letter.md").read_text() == "A smile ? and more.\n"


def test_several_documents_go_into_a_folder(scripted: ScriptedEndpoint, tmp_path: Path) -> None:
    (tmp_path / "Letter.pdf").symlink_to(EXAMPLES / "letter.pdf")
    documents = [EXAMPLES / "letter.pdf", EXAMPLES / "scan.jpg", tmp_path / "Letter.pdf"]
    done = run("read", *documents, "--url", scripted.url, "-o", f"{tmp_path}/out/")
    assert done.returncode == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["Letter-2.md", "letter.md", "scan.md"]


def test_a_document_is_not_overwritten(scripted: ScriptedEndpoint, tmp_path: Path) -> None:
    document = tmp_path / "letter.pdf"
    document.write_bytes((EXAMPLES / "letter.pdf").read_bytes())
    done = run("read", document, "-o", document, "--format", "md", "--url", scripted.url)
    assert done.returncode == 2
    assert b"letter.pdf is an input and would be overwritten" in done.stderr
    assert document.read_bytes() == (EXAMPLES / "letter.pdf").read_bytes()


def test_no_file_of_a_folder_is_run(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    """A folder of documents may hold files with the names of Python's own modules."""
    for module in ("pickle", "json", "typing", "ctypes", "PIL"):
        (tmp_path / f"{module}.py").write_text("open('was-run', 'w').close()")
    done = subprocess.run(
        [Path(sys.executable).with_name("lighton-ocr"), "read", letter, "--url", scripted.url],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"Hello from the page.\n"), done.stderr
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("target", ["out/", "out/letter"])
def test_pages_of_their_own_are_named_where_they_are(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path, target: str
) -> None:
    (tmp_path / "out").mkdir()
    done = run("read", letter, "--url", scripted.url, "--per-page", "-o", f"{tmp_path}/{target}")
    assert f"wrote {tmp_path}/out/letter-pages." in done.stderr.decode()
    pages = (tmp_path / "out" / "letter-pages").iterdir()
    assert [path.name for path in pages] == ["page-0001.md"]


def test_one_of_two_that_is_there_goes_into_the_folder_all_the_same(
    scripted: ScriptedEndpoint, letter: Path, tmp_path: Path
) -> None:
    run("read", letter, "missing.pdf", "-o", tmp_path / "texts", "--url", scripted.url)
    assert [path.name for path in (tmp_path / "texts").iterdir()] == ["letter.md"]


def test_documents_on_standard_output_stay_apart(scripted: ScriptedEndpoint, letter: Path) -> None:
    done = run("read", letter, letter, "--url", scripted.url)
    assert done.stdout == b"Hello from the page.\n\nHello from the page.\n"


def test_pages_that_are_done_before_the_first(scripted: ScriptedEndpoint, tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(72, 700, "Dear Sir")
    for _ in range(4):  # blank ones are not sent, so they never wait for the one before them
        canvas.showPage()
    canvas.save()
    done = run("read", tmp_path / "a.pdf", EXAMPLES / "letter.pdf", "--url", scripted.url)
    assert (done.returncode, done.stdout.count(b"Hello")) == (0, 2), done.stderr.decode()
    assert done.stdout.count(b"<!-- page ") == 4


def test_standard_input_and_a_divided_word(scripted: ScriptedEndpoint, letter: Path) -> None:
    scripted.default = says("An exam-\nple is an example.")
    done = run("read", "-", "--url", scripted.url, stdin=letter.read_bytes())
    assert (done.returncode, done.stdout) == (0, b"An example is an example.\n")


def test_a_failed_page_is_exit_status_one_and_the_rest_is_written(
    scripted: ScriptedEndpoint, letter: Path
) -> None:
    scripted.script = [status(400, "too odd")]
    done = run("read", letter, EXAMPLES / "invoice.pdf", "--url", scripted.url)
    assert done.returncode == 1
    assert b"Hello from the page." in done.stdout
    assert b"could not be read" in done.stdout
    assert b"too odd" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["nothing.pdf"], 2, "There is no file nothing.pdf"),
        (["nothing.pdf", "-o", "/dev/null"], 2, "There is no file nothing.pdf"),
        ([""], 2, "The name of the document is empty"),
        ([str(EXAMPLES / "letter.pdf"), "--pages", "x"], 2, "such as 1-3,7,-1"),
        (["."], 2, "lighton-ocr batch . --out DIR"),
        ([str(EXAMPLES / "letter.typ")], 2, "neither a PDF nor an image"),
        ([str(EXAMPLES / "letter.pdf"), "--pages", "7"], 2, "There is no page 7"),
        ([str(EXAMPLES / "letter.pdf"), "--format", "docx"], 2, "Unknown format 'docx'"),
        ([str(EXAMPLES / "letter.pdf"), "--model", "9b"], 2, "Unknown model '9b'"),
        ([str(EXAMPLES / "letter.pdf"), "-o", "nowhere/a.md"], 2, "cannot be written"),
        ([str(EXAMPLES / "letter.pdf"), "--model", "3-1b"], 3, "not published as GGUF"),
    ],
)
def test_bad_input_is_one_sentence(arguments: list[str], code: int, sentence: str) -> None:
    done = run("read", *arguments)
    assert (done.returncode, done.stdout) == (code, b"")
    assert sentence in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["read", "batch", "check"])
@pytest.mark.parametrize(
    ("option", "sentence"), [("--url", "'' is not a URL"), ("--model", "Unknown model ''")]
)
def test_an_empty_option_is_not_none(
    letter: Path, tmp_path: Path, command: str, option: str, sentence: str
) -> None:
    where: list[str | Path] = ["--out", tmp_path / "out"] if command == "batch" else []
    done = run(command, letter, *where, option, "")
    assert (done.returncode, done.stdout) == (2, b"")
    assert sentence in done.stderr.decode()


def test_a_refused_key_is_exit_status_three(scripted: ScriptedEndpoint, letter: Path) -> None:
    scripted.key = "right"
    done = run("read", letter, "--url", scripted.url, LIGHTON_OCR_API_KEY="wrong")
    assert done.returncode == 3
    assert b"refuses the key" in done.stderr
    assert b"wrong" not in done.stderr
    done = run("read", letter, LIGHTON_OCR_URL=scripted.url, LIGHTON_OCR_API_KEY="right")
    assert done.returncode == 0


def test_a_truncated_pdf(scripted: ScriptedEndpoint, tmp_path: Path) -> None:
    whole = (EXAMPLES / "paper.pdf").read_bytes()
    half = tmp_path / "half.pdf"
    half.write_bytes(whole[: len(whole) // 2])
    done = run("read", half, EXAMPLES / "letter.pdf", "--url", scripted.url)
    assert done.returncode == 2
    assert b"half.pdf is damaged" in done.stderr
    assert done.stdout == b"Hello from the page.\n"  # the other document is read


def test_whoever_stops_reading_ends_it_quietly(scripted: ScriptedEndpoint, letter: Path) -> None:
    scripted.default = says("word " * 40_000, pieces=50)
    with subprocess.Popen(
        [*COMMAND, "read", letter, "--url", scripted.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
