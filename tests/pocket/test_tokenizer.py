import json
import random
from pathlib import Path
from typing import Any

import pytest

tokenizers = pytest.importorskip("tokenizers")
pytest.importorskip("typst")
from pocket.blank_start import prepare  # noqa: E402
from pocket.corpus import ALLOWED, Source  # noqa: E402
from pocket.drawing.manuscript import Typesetter  # noqa: E402
from pocket.drawing.press import Press  # noqa: E402
from pocket.restore_checkpoint import MODEL, restore  # noqa: E402
from pocket.tokenizer import SPECIAL, texts, train  # noqa: E402

SIZE = 500


@pytest.fixture(scope="module")
def lines(data: Path) -> list[str]:
    return list(texts(Source.open(data), Typesetter(Source.open(data), Press(data / "fonts")), 201))


@pytest.fixture(scope="module")
def tokenizer(lines: list[str]) -> Any:
    return train(iter(lines), SIZE)


def test_all_but_the_merges_is_as_in_the_shipped_tokenizer(tokenizer):
    ours = json.loads(tokenizer.to_str())
    shipped = json.loads((MODEL / "tokenizer.json").read_text("utf8"))
    (words, merges), (known, _) = (
        (each["model"].pop("vocab"), each["model"].pop("merges")) for each in (ours, shipped)
    )
    assert ours == shipped
    first = len(SPECIAL) + 256
    by_number = [sorted(each, key=each.get) for each in (words, known)]
    assert by_number[0][:first] == by_number[1][:first]
    assert sorted(words.values()) == list(range(SIZE))
    assert [a + b for a, b in merges] == by_number[0][first:]


def test_what_is_encoded_is_decoded_again(tokenizer, lines):
    rng, signs = random.Random(3), [*sorted(ALLOWED), "\n", "\n\n", "    ", "漢", "🙂", "\x00"]
    noise = ["".join(rng.choices(signs, k=60)) for _ in range(200)]
    for text in (*lines, *noise, " ", "  a", "I'll 1,234 we'RE"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_words_are_split_as_the_shipped_tokenizer_splits_them(tokenizer, lines):
    shipped = tokenizers.Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    for text in lines:
        assert tokenizer.pre_tokenizer.pre_tokenize_str(
            text
        ) == shipped.pre_tokenizer.pre_tokenize_str(text)


def test_one_corpus_gives_one_tokenizer(tokenizer, lines):
    assert train(iter(lines), SIZE).to_str() == tokenizer.to_str()


def test_a_corpus_that_is_too_small_is_said_to_be(lines):
    with pytest.raises(ValueError, match="not 8192: collect more"):
        train(iter(lines[1:3]))


def test_a_blank_start_is_a_restored_one_without_weights(tmp_path: Path):
    data, blank, full = (tmp_path / name for name in ("data", "blank", "full"))
    data.mkdir()
    own = json.dumps(json.loads((MODEL / "tokenizer.json").read_text("utf8")))
    (data / "tokenizer.json").write_text(own, "utf8")
    prepare(data, blank)
    restore(MODEL, full)
    (full / "model.safetensors").unlink()
    (full / "tokenizer.json").write_text(own, "utf8")
    files = [{p.name: p.read_bytes() for p in folder.iterdir()} for folder in (blank, full)]
    assert files[0] == files[1]


def test_a_start_with_weights_or_the_wrong_tokenizer_is_refused(data: Path, tmp_path: Path):
    with pytest.raises(ValueError, match="has 263 tokens, the model 8192"):
        prepare(data, tmp_path / "blank")
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(ValueError, match="holds weights"):
        prepare(MODEL, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
