"""The argument list of `vllm serve`."""

import json

import pytest

from lighton_ocr.catalog import find_gpu, find_model, gpus
from lighton_ocr.serving.settings import Settings
from lighton_ocr.serving.vllm_command import SCHEDULER, vllm_command


def command(**env: str) -> list[str]:
    return vllm_command(Settings.from_env(env))


def value(argv: list[str], flag: str) -> str:
    return argv[argv.index(flag) + 1]


def test_default() -> None:
    assert command() == [
        *("vllm", "serve", "lightonai/LightOnOCR-1B-1025"),
        *("--served-model-name", "lightonai/LightOnOCR-1B-1025", "1b", "1025", "LightOnOCR-1B"),
        *("--host", "127.0.0.1", "--port", "8000"),
        *("--limit-mm-per-prompt", '{"image": 1}'),
        *("--mm-processor-cache-gb", "0", "--no-enable-prefix-caching"),
        *("--max-model-len", "16384"),
        *("--max-num-seqs", "64", "--max-num-batched-tokens", "8192"),
        *("--gpu-memory-utilization", "0.9"),
        *("--middleware", "lighton_ocr.serving.gate.Gate"),
        "--compilation-config.compile_mm_encoder=true",
    ]


@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
def test_half_precision_only_without_bfloat16(gpu: object) -> None:
    name = getattr(gpu, "name", "")
    assert ("--dtype" in command(GPU=name)) == (name == "T4")


@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
def test_a_batch_holds_the_largest_page(gpu: object) -> None:
    # Five megapixels at 32 x 32 pixels a token, the most that LightOnOCR-3's authors send.
    argv = command(GPU=getattr(gpu, "name", ""))
    assert int(value(argv, "--max-num-batched-tokens")) >= 5_000_000 // 32**2


def test_thinking_is_off_where_the_template_knows_it() -> None:
    argv = command(MODEL="3-0.8b")
    assert json.loads(value(argv, "--default-chat-template-kwargs")) == {"enable_thinking": False}
    assert value(argv, "--max-model-len") == "18000"
    assert "--default-chat-template-kwargs" not in command(MODEL="3-1b")


def test_the_encoder_is_compiled_where_that_was_measured() -> None:
    compiled = "--compilation-config.compile_mm_encoder=true"
    assert compiled in command(MODEL="3-1b")
    assert compiled not in command(MODEL="3-0.8b")
    assert compiled not in command(FAST_BOOT="1")


@pytest.mark.parametrize(
    ("gpu", "model", "grouped"),
    [("H200", "1b", True), ("L40S", "1b", False), ("L4", "1b", False), ("H200", "3-4b", False)],
)
def test_pages_are_let_in_together_where_many_are_read(gpu: str, model: str, grouped: bool) -> None:
    argv = command(GPU=gpu, MODEL=model)
    assert ("--scheduler-cls" in argv) == grouped
    if grouped:
        assert value(argv, "--scheduler-cls") == SCHEDULER


def test_switches() -> None:
    assert "--enforce-eager" in command(FAST_BOOT="1")
    assert "--enable-sleep-mode" in command(SNAPSHOT="1")


def test_weights_of_a_folder_keep_the_names() -> None:
    settings = Settings(model=find_model("pocket"), gpu=find_gpu("L4"), concurrency=1)
    argv = vllm_command(settings, weights="models/pocket/hf", port=1234)
    assert argv[:3] == ["vllm", "serve", "models/pocket/hf"]
    assert argv[3:6] == ["--served-model-name", "lighton-ocr-pocket", "pocket"]
    assert value(argv, "--port") == "1234"
