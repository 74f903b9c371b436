import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from pocket.model import IGNORED, PocketModel, Shape  # noqa: E402
from pocket.optimizer import Optimizer, orthogonal  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

TINY = Shape(263, 28, 1, 64, 1, 64, 64, 1, 64, 1)
CONFIG = {
    "spatial_merge_size": 1,
    "vision_config": {
        "hidden_size": 64,
        "patch_size": 28,
        "num_hidden_layers": 1,
        "intermediate_size": 64,
    },
    "text_config": {
        "vocab_size": 263,
        "hidden_size": 64,
        "num_hidden_layers": 1,
        "intermediate_size": 64,
        "num_key_value_heads": 1,
    },
}
RUN = """
import sys
from pathlib import Path
from pocket.reservoir import Bucket
from pocket.train import Settings, run
data, start, out, seconds = sys.argv[1:]
paths = Path(data), Path(start), Path(out)
settings = Settings(*paths, float(seconds), workers=1, every=1, warm_steps=5)
run(settings, [Bucket(112, 448, 1024, 2, 1.0)])
"""


def one_loss(model: PocketModel) -> "torch.Tensor":
    torch.manual_seed(0)
    pixels, ids = torch.randn(2, 3, 56, 84), torch.randint(7, 263, (2, 5))
    wanted = ids.clone()
    wanted[1, 3:] = IGNORED
    prompt = (torch.tensor([[1, 2]]), torch.tensor([[3]]))
    loss, _ = model(pixels, prompt, ids[:, :-1], wanted)
    return loss


def test_the_shape_of_a_configuration():
    assert Shape.of(CONFIG) == TINY


def test_muon_makes_matrices_nearly_orthogonal():
    torch.manual_seed(0)
    for size in ((3, 32, 32), (2, 64, 16), (2, 16, 64)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(size)).float())
        # A few directions of a square random matrix are so weak that five steps only raise them.
        assert 0.2 < values.min() < values.max() < 1.2
        assert 0.9 < values.median() < 1.1


def test_steps_lower_the_loss():
    torch.manual_seed(1)
    model = PocketModel(TINY)
    optimizer = Optimizer(model, 0.01, 1e-3)
    first = one_loss(model).item()
    for _ in range(40):
        one_loss(model).backward()
        optimizer.step(1.0)
    assert one_loss(model).item() < 0.6 * first


def test_a_gradient_that_is_not_finite_changes_nothing():
    model = PocketModel(TINY)
    optimizer = Optimizer(model, 0.01, 1e-3)
    one_loss(model).backward()
    optimizer.step(1.0)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    (one_loss(model) * float("nan")).backward()
    optimizer.step(1.0)
    assert optimizer.skipped == 1
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, before[name]), name
    one_loss(model).backward()
    optimizer.step(1.0)
    assert all(torch.isfinite(weight).all() for weight in model.state_dict().values())


@pytest.mark.parametrize("processes", [1, 2])
def test_training_stops_and_goes_on(data: Path, tmp_path: Path, processes: int):
    """The real loop in processes of its own, two through gloo; then on from its checkpoint."""
    start, out = tmp_path / "start", tmp_path / "out"
    start.mkdir()
    (start / "config.json").write_text(json.dumps(CONFIG))
    for seconds in ("1", "2"):
        launch(processes, str(data), str(start), str(out), seconds)
    records = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    steps = [record["step"] for record in records]
    assert steps == sorted(steps)
    assert records[-1]["spent"] >= 2
    assert records[-1]["skipped"] == 0
    state = torch.load(out / "checkpoint.pt", weights_only=True)
    assert state["step"] == steps[-1]
    assert records[-1]["rate"] < 1
    undecayed, last = (load_file(out / f"{name}.safetensors") for name in ("undecayed", "last"))
    assert undecayed.keys() == last.keys()
    assert any(not torch.equal(undecayed[name], last[name]) for name in last)


def launch(processes: int, *arguments: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    root = Path(__file__).parents[2]
    running = []
    for rank in range(processes):
        place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "RANK": str(rank)}
        place |= {"WORLD_SIZE": str(processes), "LOCAL_RANK": str(rank), "OMP_NUM_THREADS": "1"}
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", RUN, *arguments], cwd=root, env=os.environ | place
            )
        )
    assert [process.wait(timeout=120) for process in running] == [0] * processes
