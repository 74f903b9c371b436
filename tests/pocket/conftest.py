"""A tiny corpus, the fonts that matplotlib carries, and a model of a few thousand parameters."""

import shutil
from pathlib import Path

import pytest

SENTENCES = (
    "The quick brown fox jumps over the lazy dog, and nobody minds.",
    "Every page has its own type, its own columns and its own noise.",
    "Wer zählt die Zeichen, der kennt die Länge – und das genügt.",
    "Numbers such as 4,711 or 3.14 must be read and cannot be guessed.",
)
SNIPPETS = (
    "def area(r):\n    return 3.14 * r ** 2",
    "$ ls -l",
    "int main(void)\n{\n    return 0;\n}",
)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training data folder: text.txt, code.txt, fonts and tokenizer.json."""
    matplotlib = pytest.importorskip("matplotlib")
    tokenizers = pytest.importorskip("tokenizers")
    folder = tmp_path_factory.mktemp("data")
    (folder / "text.txt").write_text("\n".join(SENTENCES * 20), encoding="utf8")
    (folder / "code.txt").write_text("\f".join(SNIPPETS), encoding="utf8")
    (folder / "fonts").mkdir()
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "DejaVuSerif.ttf"):
        shutil.copy(Path(matplotlib.get_data_path(), "fonts/ttf", name), folder / "fonts")
    characters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    special = [f"<{n}>" for n in range(7)]
    vocabulary = {token: n for n, token in enumerate([*special, *characters])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
