"""Files that the studio cannot read: what it says, and where it offers another try."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import browser
from tests.support.corpus import pdf
from tests.support.scripted_endpoint import ScriptedEndpoint, says, status
from tests.support.studio import complaints, page, panel, read, wait_until_read

pytestmark = pytest.mark.slow
__all__ = ["browser", "page"]


def test_a_file_of_another_kind_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    notes = tmp_path / "notes.docx"
    notes.write_bytes(b"PK\3\4 no document of ours")
    read(page, notes)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("This kind of file cannot be read.")
    expect(alert).to_contain_text("save it as PDF")
    expect(alert.get_by_role("button")).to_have_count(0)  # another try would not help
    assert complaints(page) == []


@pytest.mark.parametrize(
    ("name", "data", "advice"),
    [
        ("notes.txt", b"Some notes.\n", "PNM can be read: save it as one of these."),
        ("broken.pdf", b"%PDF-1.7\nbroken off", "If you downloaded it, download it again."),
        ("broken.tif", b"II*\0\x08\0\0\0\0\0", "Open it with another program and save it again."),
    ],
    ids=["text", "pdf", "tiff"],
)
def test_where_another_try_cannot_help_none_is_offered(
    page: Page, letter: Path, tmp_path: Path, name: str, data: bytes, advice: str
) -> None:
    (tmp_path / name).write_bytes(data)
    read(page, tmp_path / name)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(advice)
    expect(alert.get_by_role("button")).to_have_count(0)
    read(page, letter)
    wait_until_read(page)
    expect(alert).to_contain_text(f"{name}: ")
    expect(alert.get_by_role("button")).to_have_text(["Dismiss"])


def test_another_try_is_offered_while_the_model_does_not_answer(
    page: Page, scripted: ScriptedEndpoint, letter: Path
) -> None:
    scripted.default = status(401, "wrong key")
    read(page, letter)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The document could not be read completely.")
    scripted.default = says("Read at last.")
    alert.get_by_role("button", name="Try again").click()
    wait_until_read(page)
    expect(panel(page)).to_have_text("Read at last.")


def test_a_file_that_cannot_be_read_leaves_the_other_one_in_view(
    page: Page, letter: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.docx"
    notes.write_bytes(b"PK\3\4 no document of ours")
    read(page, letter)
    wait_until_read(page)
    read(page, notes)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("notes.docx: This kind of file cannot be read.")
    expect(panel(page)).to_have_text("Hello from the page.")
    expect(page.get_by_label("Document", exact=True)).to_have_value("letter.pdf")
    assert complaints(page) == []
    alert.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#notices")).to_be_empty()
    expect(page.locator("#document-name")).to_have_text("letter.pdf")
    read(page, notes, letter)  # of several, the first that can be read is shown
    expect(page.locator("#document-select option")).to_have_count(3)
    expect(page.get_by_label("Document", exact=True)).to_have_js_property("selectedIndex", 2)


def test_a_password_is_asked_for_until_it_is_right(page: Page, tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    locked.write_bytes(pdf("Page", 1, password="sesame"))
    read(page, locked)
    dialog = page.get_by_role("dialog", name="This document requires a password")
    expect(dialog).to_contain_text("locked.pdf is encrypted.")
    assert complaints(page) == []
    dialog.get_by_role("button", name="Cancel").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The document is protected by a password.")
    alert.get_by_role("button", name="Try again").click()
    dialog.get_by_label("Password").fill("guess")
    page.keyboard.press("Enter")
    wrong = page.get_by_role("dialog", name="The password is wrong")
    wrong.get_by_label("Password").fill("sesame")
    wrong.get_by_role("button", name="Open").click()
    wait_until_read(page)
    expect(panel(page)).to_have_text("Hello from the page.")


def test_pages_that_do_not_exist_are_refused_in_words(page: Page, letter: Path) -> None:
    page.get_by_role("textbox", name="Pages").fill("7")
    read(page, letter)
    expect(page.get_by_role("alert")).to_contain_text(
        "no page 7 in letter.pdf: it has 1 page, counted from 1. Add the file again, with other"
    )
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    page.get_by_role("button", name="Add files").click()
    expect(page.get_by_role("textbox", name="Pages")).to_be_empty()
    page.get_by_role("button", name="Back to the pages").click()
    expect(panel(page)).to_have_text("No page was read.")
