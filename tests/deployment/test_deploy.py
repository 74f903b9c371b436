"""What the real Modal client sends when the app is deployed."""

from itertools import cycle

import pytest

from lighton_ocr.catalog import gpus, models
from lighton_ocr.catalog.models import Model
from lighton_ocr.deployment.settings import Settings
from tests.support.modal_standin.client import BIN, Modal

HUB_MODELS = [model for model in models() if "/" in model.id]
# Every model and every GPU at least once, not every pair.
PAIRS = list(zip(HUB_MODELS, cycle(gpu.name for gpu in gpus()), strict=False))


def test_the_default_deployment(modal: Modal) -> None:
    sent = modal.deploy()
    function, web, scaling = sent.function, sent.web, sent.function.autoscaler_settings
    assert sent.app_name == "lighton-ocr-vllm"
    assert function.function_name == "serve"
    gpu = function.resources.gpu_config
    assert (gpu.gpu_type, gpu.count) == ("L4", 1)
    assert function.resources.milli_cpu == 2000
    assert (scaling.min_containers, scaling.max_containers) == (0, 1)
    assert scaling.scaledown_window == 300
    assert function.max_concurrent_inputs == 64
    assert function.startup_timeout_secs == web.web_server_startup_timeout == 1200
    assert function.timeout_secs == 1200
    assert web.web_server_port == 8000
    assert web.requires_proxy_auth
    assert web.requested_suffix == "lighton-ocr-vllm-serve"
    assert sent.volumes == {
        "/root/.cache/huggingface": "huggingface-cache",
        "/root/.cache/vllm": "vllm-cache",
    }
    assert not function.secret_ids
    assert not function.checkpointing_enabled


@pytest.mark.parametrize(("model", "gpu"), PAIRS, ids=lambda value: getattr(value, "id", value))
def test_every_model_and_gpu_can_be_deployed(modal: Modal, model: Model, gpu: str) -> None:
    sent = modal.deploy(MODEL=model.aliases[0], GPU=gpu)
    wanted = Settings.from_env({"MODEL": model.id, "GPU": gpu})
    assert sent.app_name == wanted.app_name
    assert sent.function.resources.gpu_config.gpu_type == gpu
    assert sent.web.requested_suffix == wanted.label
    assert Settings.from_env(sent.image_env) == wanted


@pytest.mark.parametrize(
    ("env", "cores"), [({}, 3), ({"SNAPSHOT": "1"}, 2), ({"MODEL": "3-4b"}, 2)], ids=str
)
def test_each_process_of_vllm_has_a_core(modal: Modal, env: dict[str, str], cores: int) -> None:
    assert modal.deploy(GPU="H200", **env).function.resources.milli_cpu == 1000 * cores


def test_every_setting_reaches_the_container(modal: Modal) -> None:
    given = {
        "MODEL": "lightonai/LightOnOCR-2-1B",
        "GPU": "H100",
        "FAST_BOOT": "1",
        "SNAPSHOT": "0",
        "MIN_CONTAINERS": "2",
        "MAX_CONTAINERS": "7",
        "SCALEDOWN_WINDOW": "60",
        "CONCURRENCY": "33",
        "PUBLIC": "1",
    }
    sent = modal.deploy(**given)
    assert given.items() <= sent.image_env.items()
    scaling = sent.function.autoscaler_settings
    assert (scaling.min_containers, scaling.max_containers) == (2, 7)
    assert scaling.scaledown_window == 60
    assert sent.function.max_concurrent_inputs == 33
    assert not sent.web.requires_proxy_auth


def test_a_snapshot_does_not_change_the_address(modal: Modal) -> None:
    sent = modal.deploy(SNAPSHOT="1")
    assert sent.app_name == "lighton-ocr-vllm"
    assert sent.function.is_class
    assert sent.function.checkpointing_enabled
    assert sent.function.experimental_options["enable_gpu_snapshot"].lower() in ("1", "true")
    assert sent.web.requested_suffix == "lighton-ocr-vllm-serve"
    assert sent.web.requires_proxy_auth
    assert sent.function.max_concurrent_inputs == 64
    assert sent.function.autoscaler_settings.max_containers == 1


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("GPU", "L4:2", "set MAX_CONTAINERS"),
        ("MODEL", "1c", "Unknown model"),
        ("FASTBOOT", "1", "Did you mean FAST_BOOT"),
        ("MIN_CONTAINERS", "2", "raise MAX_CONTAINERS"),
    ],
)
def test_a_wrong_setting_deploys_nothing(modal: Modal, name: str, value: str, says: str) -> None:
    before = len(modal.plane.calls)
    done = modal.run(str(BIN / "modal"), "deploy", "modal_lighton_ocr.py", **{name: value})
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "FunctionCreate" not in [call for call, _ in modal.plane.calls[before:]]
