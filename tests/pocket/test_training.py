import json
import os
import random
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")
from pocket.lessons import Curriculum, Lesson  # noqa: E402
from pocket.model import IGNORED, PocketModel, Shape  # noqa: E402
from pocket.optimizer import Optimizer, orthogonal  # noqa: E402
from pocket.prompts import prompts  # noqa: E402
from pocket.reservoir import Batch, Bucket  # noqa: E402
from pocket.train import Settings, Trainer  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

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
from pocket import lessons
from pocket.reservoir import Bucket
from pocket.train import Settings, run
data, start, out, seconds, *until = sys.argv[1:]
paths = Path(data), Path(start), Path(out)
settings = Settings(*paths, float(seconds), workers=1, every=1, warm_steps=5)
lessons.WINDOW = 5
short, longer = Bucket(56, 112, 96, 4, 1.0), Bucket(56, 224, 192, 4, 1.0)
first = [lessons.Lesson((short,), enough=0)] * len(until)
first += [lessons.Lesson((longer,), until=float(share)) for share in until]
run(settings, [Bucket(112, 448, 1024, 2, 1.0)], first)
"""


def one_loss(model: PocketModel) -> Any:
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


def start_in(folder: Path) -> Path:
    (folder / "start").mkdir()
    (folder / "start/config.json").write_text(json.dumps(CONFIG))
    return folder / "start"


def records(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_training_stops_and_goes_on(data: Path, tmp_path: Path, processes: int):
    """The real loop in processes of its own, two through gloo; then on from its checkpoint."""
    start, out = start_in(tmp_path), tmp_path / "out"
    for seconds in ("1", "4"):  # the rate falls in the last second, for a step at least
        launch(processes, str(data), str(start), str(out), seconds)
    log = records(out)
    steps = [record["step"] for record in log]
    assert steps == sorted(steps)
    assert log[-1]["spent"] >= 4
    assert log[-1]["skipped"] == 0
    state = torch.load(out / "checkpoint.pt", weights_only=True)
    assert state["step"] == steps[-1]
    assert log[-1]["rate"] < 1
    undecayed, last = (load_file(out / f"{name}.safetensors") for name in ("undecayed", "last"))
    assert undecayed.keys() == last.keys()
    assert any(not torch.equal(undecayed[name], last[name]) for name in last)


@pytest.mark.slow
def test_lessons_are_passed_resumed_and_given_up(data: Path, tmp_path: Path):
    """Two processes agree. The second lesson cannot be passed; it is given up after resuming."""
    start, out = start_in(tmp_path), tmp_path / "out"
    short, longer, page = "56x112/96", "56x224/192", "112x448/1024"
    launch(2, str(data), str(start), str(out), "3", "inf")
    before = records(out)
    seen = {name for record in before for name in record["loss_right"]}
    assert seen == {short, longer}
    assert before[-1]["lessons_left"] == 1
    assert torch.load(out / "checkpoint.pt", weights_only=True)["lessons_left"] == 1
    launch(2, str(data), str(start), str(out), "6", "0")
    after = records(out)[len(before) :]
    assert longer in after[0]["loss_right"]
    assert {name for record in after for name in record["loss_right"]} == {longer, page}
    assert after[-1]["lessons_left"] == 0


@pytest.mark.slow
def test_weights_need_no_lessons(data: Path, tmp_path: Path):
    start, out = start_in(tmp_path), tmp_path / "out"
    save_file(PocketModel(TINY).state_dict(), start / "model.safetensors")
    launch(1, str(data), str(start), str(out), "1", "inf")
    assert {name for record in records(out) for name in record["loss_right"]} == {"112x448/1024"}
    assert {record["lessons_left"] for record in records(out)} == {0}


def test_pages_come_with_every_form_of_the_prompt(data: Path, tmp_path: Path):
    start = start_in(tmp_path)
    tokenizer = Tokenizer.from_file(str(data / "tokenizer.json"))
    bucket = Bucket(112, 112, 32, 2, 1.0)
    curriculum = Curriculum([Lesson((bucket,))])
    trainer = Trainer(Settings(data, start, tmp_path, 1.0), curriculum, tokenizer, 0, 1)
    asked: list[list[list[int]]] = []

    def noted(pixels: Any, prompt: Any, given: Any, wanted: Any) -> Any:
        asked.append([part[0].tolist() for part in prompt])
        return trainer.model(pixels, prompt, given, wanted)

    trainer.parallel = noted
    order = random.Random(1)
    ink = np.zeros((2, 112, 112), np.uint8)
    batch = Batch(bucket, ink, np.full((2, 32), 9, np.uint16), np.full(2, 20, np.int32))
    for _ in range(24):
        trainer._one_step(batch, order)
    forms = [list(form) for form in prompts(tokenizer)]
    assert all(form in asked for form in forms)
    assert all(form in forms for form in asked)


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
