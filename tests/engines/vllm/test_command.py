"""The argument list of `vllm serve`."""

import json
from dataclasses import replace

import pytest

from lighton_ocr.catalog import Gpu, find_gpu, find_model, gpus
from lighton_ocr.deployment.settings import Settings
from lighton_ocr.engines.vllm.command import (
    DRAFT_TOKENS,
    SCHEDULER,
    VllmOptions,
    draft_flags,
    vllm_command,
)


def command(**env: str) -> list[str]:
    return vllm_command(Settings.from_env(env).vllm)


def value(argv: list[str], flag: str) -> str:
    return argv[argv.index(flag) + 1]


def test_the_default_deployments_command() -> None:
    assert command() == [
        *("vllm", "serve", "lightonai/LightOnOCR-1B-1025"),
        *("--served-model-name", "lightonai/LightOnOCR-1B-1025", "1b", "1025", "LightOnOCR-1B"),
        *("--host", "127.0.0.1", "--port", "8000"),
        *("--limit-mm-per-prompt", '{"image": 1}'),
        *("--allowed-media-domains", "none.invalid"),
        *("--mm-processor-cache-gb", "0", "--no-enable-prefix-caching"),
        *("--max-model-len", "16384"),
        *("--max-num-seqs", "64", "--max-num-batched-tokens", "8192"),
        *("--gpu-memory-utilization", "0.9"),
        *("--middleware", "lighton_ocr.engines.vllm.allow_list.AllowList"),
        *("--middleware", "lighton_ocr.server.inside_vllm.DocumentRoutes"),
        "--no-enable-flashinfer-autotune",
        *("--scheduler-cls", "lighton_ocr.engines.vllm.scheduler.PageScheduler"),
        "--compilation-config.compile_mm_encoder=true",
        "--speculative-config",
        '{"method": "ngram_gpu", "num_speculative_tokens": 5, '
        '"prompt_lookup_min": 1, "prompt_lookup_max": 3}',
        "--compilation-config.cudagraph_capture_sizes=[6,12,24,48,96,192,384]",
    ]


@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
def test_half_precision_is_used_only_without_bfloat16(gpu: Gpu) -> None:
    assert ("--dtype" in command(GPU=gpu.name)) == (gpu.name == "T4")


@pytest.mark.parametrize("gpu", [*gpus(), find_gpu("B300")], ids=lambda gpu: gpu.name)
def test_attention_is_named_where_vllm_would_choose_flashinfer(gpu: Gpu) -> None:
    argv = vllm_command(VllmOptions(find_model("1b"), gpu))
    assert ("--attention-backend" in argv) == gpu.capability.startswith("10.")
    assert "--no-enable-flashinfer-autotune" in argv


def test_releases_of_vllm_that_were_not_tested_get_no_flag_that_they_may_lack() -> None:
    options = VllmOptions(find_model("1b"), find_gpu("L4"), page_scheduler=False)
    assert "--no-enable-flashinfer-autotune" not in vllm_command(options)


def test_the_revision_of_the_weights_is_named() -> None:
    model = replace(find_model("1b"), revision="0123abc")
    assert value(vllm_command(VllmOptions(model, find_gpu("L4"))), "--revision") == "0123abc"
    assert "--revision" not in vllm_command(VllmOptions(model, find_gpu("L4")), weights="/folder")
    assert "--revision" not in command()


@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
def test_a_batch_has_room_for_the_largest_page(gpu: Gpu) -> None:
    # Five megapixels at 32 x 32 pixels per token, the most that LightOnOCR-3's authors send.
    argv = command(GPU=gpu.name)
    assert int(value(argv, "--max-num-batched-tokens")) >= 5_000_000 // 32**2


def test_thinking_is_switched_off_if_the_template_has_it() -> None:
    argv = command(MODEL="3-0.8b")
    assert json.loads(value(argv, "--default-chat-template-kwargs")) == {"enable_thinking": False}
    assert value(argv, "--max-model-len") == "18000"
    assert "--default-chat-template-kwargs" not in command(MODEL="3-1b")


def test_the_encoder_is_compiled_for_the_tested_architecture() -> None:
    compiled = "--compilation-config.compile_mm_encoder=true"
    assert compiled in command(MODEL="3-1b")
    assert compiled not in command(MODEL="3-0.8b")
    assert compiled not in command(FAST_BOOT="1")


@pytest.mark.parametrize(
    ("env", "has_scheduler", "has_drafts"),
    [
        ({"GPU": "H200", "MODEL": "2-1b"}, True, True),
        ({"GPU": "L4", "FAST_BOOT": "1"}, True, False),
        ({"GPU": "T4"}, True, False),
        ({"GPU": "H200", "MODEL": "3-4b"}, False, False),
    ],
)
def test_the_scheduler_and_drafts_are_used_for_the_tested_architecture(
    env: dict[str, str], has_scheduler: bool, has_drafts: bool
) -> None:
    argv = command(**env)
    assert ("--scheduler-cls" in argv) == has_scheduler
    assert ("--speculative-config" in argv) == has_drafts
    if has_scheduler:
        assert value(argv, "--scheduler-cls") == SCHEDULER


@pytest.mark.parametrize("gpu", gpus(), ids=lambda gpu: gpu.name)
def test_graphs_are_captured_for_as_many_pages_as_can_run(gpu: Gpu) -> None:
    *_, captured = draft_flags(gpu.max_num_seqs)
    sizes = json.loads(captured.partition("=")[2])
    assert sizes[-1] == gpu.max_num_seqs * (1 + DRAFT_TOKENS)
    assert all(size % (1 + DRAFT_TOKENS) == 0 for size in sizes)


@pytest.mark.parametrize(
    ("env", "count"),
    [
        ({"GPU": "H200"}, 2),
        ({"GPU": "H200", "SNAPSHOT": "1"}, 1),
        ({"GPU": "H200", "FAST_BOOT": "1"}, 1),
        ({"GPU": "H200", "MODEL": "3-4b"}, 1),
        ({"GPU": "A100-80GB"}, 1),
    ],
)
def test_fast_gpus_have_two_api_servers(env: dict[str, str], count: int) -> None:
    argv = command(**env)
    assert ("--api-server-count" in argv) == (count > 1)
    if count > 1:
        assert value(argv, "--api-server-count") == str(count)


def test_fast_boot_and_snapshot_have_flags() -> None:
    assert "--enforce-eager" in command(FAST_BOOT="1")
    assert command(SNAPSHOT="1")[-2:] == ["--enable-sleep-mode", "--no-log-error-stack"]


def test_with_an_untested_vllm_none_of_our_additions_are_used() -> None:
    tested = VllmOptions(find_model("1b"), find_gpu("H200"))
    added = set(vllm_command(tested)) - set(vllm_command(replace(tested, page_scheduler=False)))
    assert {"--scheduler-cls", "--speculative-config", "--api-server-count"} <= added
    assert "--compilation-config.compile_mm_encoder=true" in added
    assert "--middleware" not in added


def test_weights_from_a_folder_keep_the_models_names() -> None:
    options = VllmOptions(find_model("pocket"), find_gpu("L4"))
    argv = vllm_command(options, weights="models/pocket/hf", port=1234)
    assert argv[:3] == ["vllm", "serve", "models/pocket/hf"]
    assert argv[3:6] == ["--served-model-name", "lighton-ocr-pocket", "pocket"]
    assert value(argv, "--port") == "1234"
