"""The argument list of `vllm serve`."""

import json

import pytest

from lighton_ocr.catalog import Gpu, find_gpu, find_model, gpus
from lighton_ocr.deployment.settings import Settings
from lighton_ocr.engines.vllm.command import (
    DRAFT_TOKENS,
    SCHEDULER,
    VllmOptions,
    drafting,
    vllm_command,
)


def command(**env: str) -> list[str]:
    return vllm_command(Settings.from_env(env).vllm)


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
        *("--middleware", "lighton_ocr.engines.vllm.allow_list.RouteAllowList"),
        *("--scheduler-cls", "lighton_ocr.engines.vllm.scheduler.PageScheduler"),
        "--compilation-config.compile_mm_encoder=true",
        "--speculative-config",
        '{"method": "ngram_gpu", "num_speculative_tokens": 5, '
        '"prompt_lookup_min": 1, "prompt_lookup_max": 3}',
        "--compilation-config.cudagraph_capture_sizes=[6,12,24,48,96,192,384]",
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
    ("env", "scheduled", "drafting"),
    [
        ({"GPU": "H200", "MODEL": "2-1b"}, True, True),
        ({"GPU": "L4", "FAST_BOOT": "1"}, True, False),
        ({"GPU": "T4"}, True, False),
        ({"GPU": "H200", "MODEL": "3-4b"}, False, False),
    ],
)
def test_the_files_text_is_a_draft_where_the_network_is_known(
    env: dict[str, str], scheduled: bool, drafting: bool
) -> None:
    argv = command(**env)
    assert ("--scheduler-cls" in argv) == scheduled
    assert ("--speculative-config" in argv) == drafting
    if scheduled:
        assert value(argv, "--scheduler-cls") == SCHEDULER


@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
def test_graphs_are_captured_for_as_many_pages_as_are_read(gpu: Gpu) -> None:
    *_, captured = drafting(gpu.max_num_seqs)
    sizes = json.loads(captured.partition("=")[2])
    assert sizes[-1] == gpu.max_num_seqs * (1 + DRAFT_TOKENS)
    assert all(size % (1 + DRAFT_TOKENS) == 0 for size in sizes)


@pytest.mark.parametrize(
    ("env", "count"),
    [
        ({"GPU": "H200"}, 2),
        ({"GPU": "H200", "SNAPSHOT": "1"}, 1),
        ({"GPU": "H200", "MODEL": "3-4b"}, 1),
        ({"GPU": "A100-80GB"}, 1),
    ],
)
def test_fast_gpus_have_two_api_servers(env: dict[str, str], count: int) -> None:
    argv = command(**env)
    assert ("--api-server-count" in argv) == (count > 1)
    if count > 1:
        assert value(argv, "--api-server-count") == str(count)


def test_switches() -> None:
    assert "--enforce-eager" in command(FAST_BOOT="1")
    assert "--enable-sleep-mode" in command(SNAPSHOT="1")


def test_weights_of_a_folder_keep_the_names() -> None:
    options = VllmOptions(find_model("pocket"), find_gpu("L4"))
    argv = vllm_command(options, weights="models/pocket/hf", port=1234)
    assert argv[:3] == ["vllm", "serve", "models/pocket/hf"]
    assert argv[3:6] == ["--served-model-name", "lighton-ocr-pocket", "pocket"]
    assert value(argv, "--port") == "1234"
