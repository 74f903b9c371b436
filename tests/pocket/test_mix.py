import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("typst")
from pocket.model import PocketModel  # noqa: E402
from pocket.reservoir import Bucket  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from tests.pocket.test_training import CONFIG, TINY  # noqa: E402

from pocket import mix  # noqa: E402


@pytest.mark.parametrize(("worse", "share"), [("before", 0.0), ("after", 0.4)])
def test_the_mixture_that_reads_drawn_pages_best_is_written(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worse: str, share: float
) -> None:
    monkeypatch.setattr(mix, "BUCKETS", [Bucket(112, 224, 256, 2, 1.0)] * 3)
    torch.manual_seed(3)
    good = PocketModel(TINY).state_dict()
    # Weights so large that the model is sure of tokens that are wrong.
    bad = {name: weight * 40 for name, weight in good.items()}
    start = tmp_path / "start"
    start.mkdir()
    (start / "config.json").write_text(json.dumps(CONFIG))
    kept = {"before": good, "after": good, worse: bad}
    save_file(kept["before"], start / "model.safetensors")
    save_file(kept["after"], tmp_path / "run.safetensors")
    mix.main(tmp_path / "run.safetensors", start, data, tmp_path / "mixed.safetensors", pages=4)
    made = load_file(tmp_path / "mixed.safetensors")
    wanted = mix.mixed(kept["after"], kept["before"], share)
    assert all(torch.equal(made[name], wanted[name]) for name in wanted)
