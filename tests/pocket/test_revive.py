import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from pocket.lessons import Curriculum, Lesson  # noqa: E402
from pocket.model import GatedLinear, PocketModel, Shape  # noqa: E402
from pocket.optimizer import Optimizer  # noqa: E402
from pocket.reservoir import Bucket  # noqa: E402
from pocket.revive import dead, revive  # noqa: E402
from pocket.train import Settings, Trainer  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from tests.pocket.test_training import CONFIG, TINY, one_loss  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

LOST = [3, 17, 40]


def blocks(model: PocketModel) -> list[GatedLinear]:
    return [block for block in model.modules() if isinstance(block, GatedLinear)]


def withered(shape: Shape = TINY) -> PocketModel:
    """A model in which weight decay had its way with three units of each block."""
    torch.manual_seed(2)
    model = PocketModel(shape)
    for block in blocks(model):
        with torch.no_grad():
            block.gate_proj.weight[LOST] *= 1e-5
            block.up_proj.weight[LOST] *= 1e-3
            block.down_proj.weight[:, LOST] *= 1e-5
    return model


def test_dead_units_are_found_and_no_others():
    assert [dead(block).nonzero().flatten().tolist() for block in blocks(withered())] == [LOST] * 2
    fresh = PocketModel(TINY)
    before = {name: weight.clone() for name, weight in fresh.state_dict().items()}
    assert revive(fresh) == 0
    assert all(torch.equal(weight, before[name]) for name, weight in fresh.state_dict().items())


def test_reviving_leaves_the_output_and_the_living_as_they_were():
    model = withered()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    loss = one_loss(model)
    assert revive(model) == 6
    assert torch.allclose(one_loss(model), loss, rtol=0, atol=1e-6)
    living = [unit for unit in range(64) if unit not in LOST]
    for name, weight in model.state_dict().items():
        if name.endswith(("gate_proj.weight", "up_proj.weight")):
            assert torch.equal(weight[living], before[name][living])
            assert 0.7 < weight[LOST].std() / weight[living].std() < 1.3
        elif name.endswith("down_proj.weight"):
            assert torch.equal(weight[:, living], before[name][:, living])
            assert not weight[:, LOST].any()
        else:
            assert torch.equal(weight, before[name])


def test_revived_units_learn_and_others_stay_dead():
    strengths: list[list[float]] = []
    for model in (withered(), withered()):
        if strengths:
            revive(model)
        optimizer = Optimizer(model, 0.014, 1.5e-3)
        for _ in range(20):
            one_loss(model).backward()
            optimizer.step(1.0)
        columns = [block.down_proj.weight.norm(dim=0) for block in blocks(model)]
        strengths.append([(c[LOST].min() / c.median()).item() for c in columns])
    assert max(strengths[0]) < 0.1
    assert min(strengths[1]) > 0.3


def test_a_run_revives_once(data: Path, tmp_path: Path):
    """It starts with living units, and what is resumed is left alone."""
    start = tmp_path / "start"
    start.mkdir()
    (start / "config.json").write_text(json.dumps(CONFIG))
    save_file(withered().state_dict(), start / "model.safetensors")
    settings = Settings(data, start, tmp_path / "out", seconds=1)
    settings.out.mkdir()
    tokenizer = Tokenizer.from_file(str(data / "tokenizer.json"))

    def trainer() -> Trainer:
        return Trainer(settings, Curriculum([Lesson((Bucket(56, 56, 9, 1, 1),))]), tokenizer, 0, 1)

    first = trainer()
    for name, weight in first.model.state_dict().items():
        if name.endswith("gate_proj.weight"):
            assert weight[LOST].std() > 0.5 * weight.std()
        assert torch.equal(weight, first.average[name])
    first._save()
    again = trainer()
    for name, weight in again.model.state_dict().items():
        assert torch.equal(weight, first.model.state_dict()[name])
