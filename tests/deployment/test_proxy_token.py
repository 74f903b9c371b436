from pathlib import Path

import pytest

from lighton_ocr.deployment.proxy_token import store


@pytest.mark.parametrize("answer", ["", "[]", '{"Modal-Key": "wk-1"}'])
def test_an_answer_without_a_token_leaves_the_file_as_it_is(tmp_path: Path, answer: str) -> None:
    file = tmp_path / ".env"
    file.write_text("LIGHTON_OCR_API_KEY=old\n")
    with pytest.raises(ValueError, match="no proxy token"):
        store(answer, file)
    assert file.read_text() == "LIGHTON_OCR_API_KEY=old\n"
