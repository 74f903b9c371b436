import random
import re
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("typst")
from pocket.corpus import PrintedText, Source, snippets  # noqa: E402
from pocket.drawing import figures, manuscript, mathematics, windows  # noqa: E402
from pocket.drawing.kinds import CROPPED, KINDS  # noqa: E402
from pocket.drawing.manuscript import Typesetter  # noqa: E402
from pocket.drawing.press import MARK, Press, literal  # noqa: E402
from pocket.drawing.programs import fenced, short_rules  # noqa: E402
from pocket.scores import cells, formula_scores, plain  # noqa: E402

BARE = "#set page(width: 300pt, height: 100pt, margin: 10pt)\n"


@pytest.fixture(scope="module")
def press(data: Path) -> Press:
    return Press(data / "fonts")


@pytest.fixture(scope="module")
def typesetter(data: Path, press: Press) -> Typesetter:
    return Typesetter(Source.open(data), press)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page_is_set_with_its_text(typesetter, kind, monkeypatch):
    monkeypatch.setattr(manuscript, "KINDS", {kind: KINDS[kind]})
    monkeypatch.setattr(manuscript, "BLANK", 0)
    rng = random.Random(kind)
    for dense in (False, True):
        ink, text = typesetter.page(rng, 644, 868, dense)
        assert ink.shape == (868, 644)
        assert ink.dtype == np.uint8
        assert ink.any()
        assert text.count("<table>") == text.count("</table>")
        assert text.count("```") % 2 == 0


def test_printed_text_is_that_of_the_corpus_in_its_order():
    long = (
        "This sentence of the first paragraph has more than sixty letters, so it ends it. Not this."
    )
    corpus = Source([long, "The second has one sentence."], [])
    text, rng = PrintedText(corpus, random.Random(0)), random.Random(1)
    shown = [" ".join(text.words(rng, 60)) for _ in range(4)]
    assert shown[:2] == shown[2:]
    assert sorted(shown[:2]) == ["The second has one sentence.", long.removesuffix(" Not this.")]


def test_pages_of_clean_text_have_formulas(typesetter, monkeypatch):
    monkeypatch.setattr(manuscript, "PRINTED", 1)
    monkeypatch.setattr(manuscript, "KINDS", {"paper": KINDS["paper"]})
    pages = [typesetter.page(random.Random(seed), 644, 868, False)[1] for seed in range(8)]
    assert any("$$" in text for text in pages)
    known = {word for text in typesetter.source.paragraphs for word in text.split()}
    words = [word for text in pages for word in re.findall(r"(?<!\S)[a-z]{4,}(?!\S)", text)]
    assert sum(word in known for word in words) >= 0.98 * len(words)


@pytest.mark.parametrize("kind", CROPPED)
def test_a_crop_shows_what_is_hard_to_read(typesetter, kind, monkeypatch):
    monkeypatch.setattr(manuscript, "CROPPED", {kind: 1})
    crops = [typesetter.crop(random.Random(seed), 644, 320) for seed in range(6)]
    assert all(ink.shape == (320, 644) for ink, _ in crops)
    assert any(len(text) > 100 for _, text in crops)
    sign = {"mathematics": "$", "tables": "<table>"}.get(kind, "")
    assert any(sign in text for _, text in crops)


@pytest.mark.parametrize("picture", [figures.figure, windows.window])
def test_what_is_written_in_a_picture_is_not_in_the_text(typesetter, monkeypatch, picture):
    monkeypatch.setattr(manuscript, "KINDS", {"figures": (1, (1,), {picture: 1})})
    for seed in range(6):
        _, text = typesetter.page(random.Random(seed), 644, 868, True)
        blocks = [block for block in text.split("\n\n") if block]
        pictures = [block for block in blocks if block.startswith("![image](image_")]
        captions = re.compile(r"(Figure|Fig\.|Abbildung|Figura) \d+[.:] ")
        # Beside pictures and captions there may be a running head and a foot.
        assert len(blocks) - len(pictures) - len(list(filter(captions.match, blocks))) <= 2
        assert [f"![image](image_{n}.png)" for n in range(1, len(pictures) + 1)] == pictures


def test_a_rule_has_no_length():
    assert short_rules("a ---------- b") == "a -------- b"
    assert short_rules("-------- ab ........") == "-------- ab ........"
    assert fenced(["#" * 40, "x"]) == "```\n########\nx\n```"
    assert plain("=" * 70) == plain("=" * 12)
    assert plain("aaaaaaaaaaaa") == "aaaaaaaaaaaa"


def test_one_seed_sets_one_page(typesetter):
    (ink, text), (again, same) = (
        typesetter.page(random.Random(4), 644, 868, True) for _ in range(2)
    )
    assert text == same
    assert (ink == again).all()


def test_only_what_fits_the_page_is_in_its_text(typesetter, monkeypatch):
    """The same pieces on a page half as high give less text, and never a second page's."""
    monkeypatch.setattr(manuscript, "KINDS", {"prose": KINDS["prose"]})
    long = [typesetter.page(random.Random(seed), 644, 1200, True)[1] for seed in range(4)]
    assert max(map(len, long)) > 1000
    for height in (300, 600, 900):
        ink, _ = typesetter.page(random.Random(9), 644, height, True)
        assert ink.shape == (height, 644)


def test_marks_tell_the_page_that_a_block_ended_on(press):
    blocks = [literal(f"block {n}") + "#v(30pt)" + MARK for n in range(5)]
    ends = press.ends(BARE + "\n\n".join(blocks))
    assert len(ends) == 5
    assert ends == sorted(ends)
    assert ends[0] == 1
    assert ends[-1] > 1


def test_text_is_set_as_it_is_whatever_it_means_to_the_typesetter(press):
    plain, _ = press.ink(BARE + literal("a b"))
    signs, more = press.ink(BARE + literal('#let $x$ = "\\" // *b* _i_ @c <d> -- ...'))
    assert plain.sum() < signs.sum()
    assert not more


def test_formulas_are_valid_in_the_typesetters_notation(press):
    rng = random.Random(0)
    made = [mathematics.equation(rng) for _ in range(120)]
    made += [mathematics.inline(rng) for _ in range(120)]
    press.ends(BARE + "\n\n".join(f"$ {formula.typst} $" for formula in made))
    for formula in made:
        assert formula.tex.count("{") == formula.tex.count("}")
        assert formula.tex.count("(") == formula.tex.count(")")


def test_factors_stand_beside_each_other_and_letters_have_two_scripts():
    rng = random.Random(1)
    made = [mathematics.equation(rng).tex for _ in range(300)]
    assert any(re.search(r"(?<![\w\\])\d [a-z] [a-z]", tex) for tex in made)
    assert any(re.search(r"\w_\{[^{}]+\}\^\{", tex) for tex in made)
    assert any(r"\mathrm{max}" in tex for tex in made)


def test_a_sentences_stop_stands_within_a_displayed_formula_and_behind_one_in_a_line(typesetter):
    from pocket.drawing.symbols import Formula
    from pocket.drawing.writing import Writer

    made = mathematics.ended(Formula("c < v", "c < v"), ".")
    assert made == Formula("c < v.", 'c < v"."')
    assert mathematics.ended(made, "") == made
    writer = Writer(random.Random(4), typesetter.source, 15, 500, "DejaVu Sans Mono")
    pieces = [writer.formula() for _ in range(200)]
    assert any(piece.text.endswith("$.") for piece in pieces)
    assert not any(piece.text.endswith(".$.") for piece in pieces)
    typesetter.press.ends(BARE + "\n\n".join(piece.markup for piece in pieces))


def test_spanning_cells_keep_their_table_rectangular(typesetter):
    from pocket.drawing.tabular import table
    from pocket.drawing.writing import Writer

    rng = random.Random(2)
    writer = Writer(rng, typesetter.source, 15, 500, "DejaVu Sans Mono")
    made = [table(writer) for _ in range(40)]
    typesetter.press.ends(
        BARE + '#let mono = "DejaVu Sans Mono"\n' + "\n".join(p.markup for p in made)
    )
    assert all(cells(piece.text) for piece in made)
    assert any("rowspan" in piece.text for piece in made)
    assert any("colspan" in piece.text for piece in made)


def test_two_columns_have_a_rule_or_they_would_be_a_form(typesetter):
    from pocket.drawing.tabular import Cell, arranged
    from pocket.drawing.writing import Writer

    writer = Writer(random.Random(3), typesetter.source, 15, 500, "DejaVu Sans Mono")
    rows = [[Cell("Name"), Cell("Value")], [Cell("Width"), Cell("12")]]
    made = [arranged(writer, ["word", "word"], rows) for _ in range(60)]
    bare = [markup for markup in made if "stroke: none" in markup]
    assert bare
    assert all("table.hline" in markup for markup in bare)


def test_formula_scores_pair_each_formula_with_its_nearest():
    truth = "$$a = b$$\n\n$$\\frac{1}{2} \\tag{3}$$"
    assert formula_scores("$$\\frac{1}{2}$$ $$a=b$$", truth) == (1.0, 0.0)
    exact, distance = formula_scores("$$a = c$$", truth)
    assert exact == 0
    assert 0.3 < distance < 1
    assert formula_scores("none", truth) == (0.0, 1.0)


def test_code_blocks_of_a_page_are_kept_with_their_indentation():
    page = "<pre><span>if</span> a &lt; b:\n\treturn a\n\n</pre><pre>x</pre>"
    assert list(snippets(page)) == ["if a < b:\n        return a"]


def test_two_hyphens_are_printed_as_two(press):
    """New Computer Modern would join them to one dash, and the transcript would be wrong."""
    page = BARE + '#set text(font: "New Computer Modern")\n'
    text = literal("a -- b")
    as_typed, _ = press.ink(f"{manuscript._AS_TYPED}{page}{text}")
    apart, _ = press.ink(f"{page}#text(ligatures: false)[{text}]")
    joined, _ = press.ink(f"{page}{text}")

    def differing(one: Any, other: Any) -> int:
        return int((np.abs(one.astype(int) - other.astype(int)) > 64).sum())

    assert 4 * differing(as_typed, apart) < differing(as_typed, joined)


def test_words_are_cut_to_their_share_of_a_table():
    from pocket.drawing.tabular import _cut

    assert _cut("a pneumonoultramicroscopic b", 8) == "a pneumono b"


def test_gaps_in_code_are_not_counted_out() -> None:
    lines = [" " * 60 + "x = 1", "a" + " " * 40 + "# note", "    b  c"]
    assert fenced(lines).splitlines()[1:-1] == [" " * 24 + "x = 1", "a    # note", "    b  c"]
