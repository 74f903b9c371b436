import pytest

from tests.support.markdown import PAGES, Found, anchors, links

LOCAL = [link for link in links() if "://" not in link.text]


@pytest.mark.parametrize("link", LOCAL, ids=lambda link: f"{link}-{link.text}")
def test_a_link_leads_somewhere(link: Found) -> None:
    path, _, anchor = link.text.partition("#")
    target = (link.page.parent / path).resolve() if path else link.page
    assert target.exists()
    if anchor:
        assert anchor in anchors(target)


def test_every_page_is_linked_from_the_readme() -> None:
    readme = PAGES[0]
    linked = {(readme.parent / link.text).resolve() for link in LOCAL if link.page == readme}
    assert [page.name for page in PAGES[1:] if page not in linked] == []


def test_the_web_is_named_with_https() -> None:
    outside = [link for link in links() if "://" in link.text]
    assert [str(link) for link in outside if not link.text.startswith("https://")] == []
