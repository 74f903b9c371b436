from lighton_ocr.reading.transcript import join_texts


def test_a_paragraph_that_was_cut_is_one_again() -> None:
    assert join_texts("It is three to four", "minutes more.") == "It is three to four minutes more."
    assert join_texts("It ends here.", "then") == "It ends here.\n\nthen"
    assert join_texts("# A heading", "and text") == "# A heading\n\nand text"
    assert join_texts("some text", "New text") == "some text\n\nNew text"
    assert join_texts("", "text\n") == "text"
    assert join_texts("text\n", " ") == "text"


def test_code_that_a_part_leaves_open_ends_with_it() -> None:
    assert join_texts("Text:\n\n~~~~\nfirst", "# Next") == "Text:\n\n~~~~\nfirst\n~~~~\n\n# Next"
    assert join_texts("```\ncode\n```", "# Next") == "```\ncode\n```\n\n# Next"
