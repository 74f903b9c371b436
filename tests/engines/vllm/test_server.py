import os
import sys
from importlib.metadata import version
from pathlib import Path
from queue import Queue

import pytest

from lighton_ocr.catalog import find_gpu, find_model, models
from lighton_ocr.deployment.settings import Settings
from lighton_ocr.engines.vllm.allow_list import CAPACITY_VARIABLE, PUBLIC_VARIABLE
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.engines.vllm.server import VllmServer, child_environment
from lighton_ocr.engines.vllm.version import VERSION_VARIABLE

OPTIONS = VllmOptions(find_model("1b"), find_gpu("L4"))


def test_vllm_finds_this_package_and_the_programs_of_its_own_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setenv("PYTHONPATH", "/mine")
    child = child_environment(OPTIONS, "key", Path("/env/bin/vllm"))
    assert child["PATH"] == os.pathsep.join(("/usr/bin", "/env/bin"))
    package, mine = child["PYTHONPATH"].split(os.pathsep)
    assert (Path(package) / "lighton_ocr" / "engines").is_dir()
    assert mine == "/mine"
    assert child_environment(OPTIONS, "key")["PATH"] == "/usr/bin"


def test_vllm_is_told_which_version_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert child_environment(OPTIONS, "key")[VERSION_VARIABLE] == version("lighton-ocr")
    monkeypatch.setenv(VERSION_VARIABLE, "1.2.3")  # of whoever deployed this container
    assert child_environment(OPTIONS, "key")[VERSION_VARIABLE] == "1.2.3"


def test_the_largest_page_of_any_model_may_be_an_image_of_twice_the_edge() -> None:
    pixels = int(child_environment(OPTIONS, "key")["VLLM_MAX_IMAGE_PIXELS"])
    assert all(pixels >= (2 * model.edge) ** 2 for model in models())
    assert pixels < 20_000_000


@pytest.mark.parametrize(
    ("settings", "capacity", "public"),
    [({}, "64", "0"), ({"GPU": "H200", "PUBLIC": "1"}, "128", "1")],
)
def test_the_allow_list_knows_its_capacity_and_whether_keys_are_checked(
    settings: dict[str, str], capacity: str, public: str
) -> None:
    child = child_environment(Settings.from_env(settings).vllm, "key")
    assert (child[CAPACITY_VARIABLE], child[PUBLIC_VARIABLE]) == (capacity, public)


@pytest.mark.slow
def test_the_death_of_vllm_is_reported_and_its_stop_is_not(tmp_path: Path) -> None:
    program = tmp_path / "vllm"
    program.write_text(f"#!{sys.executable}\nimport sys; sys.exit(7)\n")
    program.chmod(0o755)
    codes: Queue[int] = Queue()
    dead = VllmServer(OPTIONS, program=program)
    dead.on_death(codes.put)
    assert codes.get() == 7
    dead.stop()
    program.write_text(f"#!{sys.executable}\nimport signal; signal.pause()\n")
    stopped = VllmServer(OPTIONS, program=program)
    stopped.on_death(codes.put)
    stopped.stop()
    stopped._watch.join()
    assert codes.empty()
