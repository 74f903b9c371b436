"""What the real Modal client sends when the app is deployed."""

from itertools import cycle
from pathlib import Path

import pytest

from lighton_ocr.catalog import gpus, models
from lighton_ocr.catalog.models import Model
from lighton_ocr.deployment.settings import NAMES, Settings
from tests.support.modal_standin.client import BIN, Modal, run_function

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
    assert scaling.buffer_containers == 0
    assert (function.max_concurrent_inputs, function.target_concurrent_inputs) == (64, 51)
    assert function.resources.memory_mb == 8192
    assert not function.scheduler_placement.regions
    assert function.startup_timeout_secs == web.web_server_startup_timeout == 1200
    assert function.timeout_secs == 1200
    assert web.web_server_port == 8000
    assert web.requires_proxy_auth
    assert web.requested_suffix == "lighton-ocr-vllm-serve"
    assert sent.volumes == {
        "/root/.cache/huggingface": "lighton-ocr-weights",
        "/root/.cache/vllm": "lighton-ocr-code",
    }
    created = [request for name, request in modal.plane.calls if name == "VolumeGetOrCreate"]
    assert {request.version for request in created} == {2}
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
    ("env", "cores"), [({}, 4), ({"SNAPSHOT": "1"}, 2), ({"MODEL": "3-4b"}, 2)], ids=str
)
def test_each_process_of_vllm_has_a_core(modal: Modal, env: dict[str, str], cores: int) -> None:
    assert modal.deploy(GPU="H200", **env).function.resources.milli_cpu == 1000 * cores


def test_every_setting_reaches_the_container(modal: Modal) -> None:
    given = {
        "MODEL": "lightonai/LightOnOCR-2-1B",
        "LIKE": "",
        "REVISION": "0123abc",
        "HF_SECRET": "hub",
        "GPU": "H100!",
        "FAST_BOOT": "1",
        "SNAPSHOT": "0",
        "MIN_CONTAINERS": "2",
        "MAX_CONTAINERS": "7",
        "WARM_HOURS": "8-18",
        "TIMEZONE": "Europe/Paris",
        "BUFFER_CONTAINERS": "3",
        "SCALEDOWN_WINDOW": "60",
        "CONCURRENCY": "33",
        "REGION": "us-east,eu",
        "CUSTOM_DOMAIN": "ocr.example.org",
        "PUBLIC": "1",
    }
    sent = modal.deploy(**given)
    assert given.items() <= sent.image_env.items()
    assert set(given) == set(NAMES)
    scaling = sent.function.autoscaler_settings
    assert scaling.buffer_containers == 3
    assert list(sent.function.scheduler_placement.regions) == ["us-east", "eu"]
    assert [domain.name for domain in sent.web.custom_domains] == ["ocr.example.org"]
    assert sent.gpus == ["H100!"]
    assert (scaling.min_containers, scaling.max_containers) == (2, 7)
    assert scaling.scaledown_window == 60
    assert sent.function.max_concurrent_inputs == 33
    assert not sent.web.requires_proxy_auth


@pytest.mark.parametrize("gpu", ["H100!", "A100", "B200+", "L4,A10"])
def test_the_gpu_goes_to_modal_as_it_was_typed(modal: Modal, gpu: str) -> None:
    assert modal.deploy(GPU=gpu).gpus == gpu.split(",")
    assert modal.last_deployment(batch=True).gpus == gpu.split(",")


def test_the_app_is_tagged_for_billing_reports(modal: Modal) -> None:
    modal.deploy(MODEL="2-1b")
    tags = [request.tags for name, request in modal.plane.calls if name == "AppPublish"]
    assert dict(tags[-1]) == {"project": "lighton-ocr", "model": "2-1b"}


@pytest.mark.parametrize("snapshot", ["0", "1"])
def test_containers_are_kept_running_in_office_hours(
    modal: Modal, tmp_path: Path, snapshot: str
) -> None:
    sent = modal.deploy(
        MIN_CONTAINERS="2",
        MAX_CONTAINERS="4",
        WARM_HOURS="8-18",
        TIMEZONE="Europe/Paris",
        SNAPSHOT=snapshot,
    )
    functions = list(modal.plane.functions.values())
    crons = {one.function_name: one.schedule.cron for one in functions if one.HasField("schedule")}
    lines = {name: (cron.cron_string, cron.timezone) for name, cron in crons.items()}
    assert lines == {
        "warm_up": ("0 8 * * 1-5", "Europe/Paris"),
        "cool_down": ("0 18 * * 1-5", "Europe/Paris"),
    }
    before = len(modal.plane.calls)
    for name in ("warm_up", "cool_down"):
        done = run_function(sent, tmp_path / name, name)
        assert done.returncode == 0, done.stderr
    updates = [
        (modal.plane.functions[request.function_id].function_name, request.settings.min_containers)
        for name, request in modal.plane.calls[before:]
        if name == "FunctionUpdateSchedulingParams"
    ]
    serving = "Serve.*" if snapshot == "1" else "serve"
    assert updates == [(serving, 2), (serving, 0)]
    assert not any(
        one.resources.gpu_config.gpu_type for one in functions if one.HasField("schedule")
    )


def test_a_snapshot_keeps_the_address_and_has_its_own_volume_for_code(modal: Modal) -> None:
    sent = modal.deploy(SNAPSHOT="1")
    assert sent.app_name == "lighton-ocr-vllm"
    assert sent.function.is_class
    assert sent.function.checkpointing_enabled
    assert sent.function.experimental_options["enable_gpu_snapshot"].lower() in ("1", "true")
    assert sent.web.requested_suffix == "lighton-ocr-vllm-serve"
    assert sent.web.requires_proxy_auth
    assert sent.volumes["/root/.cache/vllm"] == "lighton-ocr-snapshot-code"
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
