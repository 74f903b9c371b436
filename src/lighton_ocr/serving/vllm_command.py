"""The argument list of `vllm serve`, for Modal, for a GPU of one's own and for the tests on a CPU.

The flags on images and caches are the model authors' own: every page is one image and no page comes
twice, so that caching images or prefixes only costs memory. Compiling the encoder is ours: on an
H200 it gave 1.18 times the pages, and texts no further apart than two readings without it
(docs/PERFORMANCE.md).
"""

import json
from collections.abc import Sequence

from lighton_ocr.serving.settings import Settings

PORT = 8000
GATE = "lighton_ocr.serving.gate.Gate"
SCHEDULER = "lighton_ocr.serving.grouped.Grouped"
MANY_PAGES = 128  # at once in a container; with more, new ones are let in together


def vllm_command(
    settings: Settings,
    *,
    weights: str | None = None,
    host: str = "127.0.0.1",
    port: int = PORT,
    flags: Sequence[str] = (),
) -> list[str]:
    """The whole command, program first.

    `weights` is a folder to load in place of the model hub's repository; the model keeps its names.
    `flags` come last, and so before any of ours that they repeat: for measuring other settings.
    """
    model, gpu = settings.model, settings.gpu
    command = ["vllm", "serve", weights or model.id]
    command += ["--served-model-name", *model.names]
    command += ["--host", host, "--port", str(port)]
    command += ["--limit-mm-per-prompt", json.dumps({"image": 1})]
    command += ["--mm-processor-cache-gb", "0", "--no-enable-prefix-caching"]
    command += ["--max-model-len", str(model.context)]
    command += ["--max-num-seqs", str(gpu.max_num_seqs)]
    command += ["--max-num-batched-tokens", str(gpu.max_num_batched_tokens)]
    command += ["--gpu-memory-utilization", str(gpu.gpu_memory_utilization)]
    command += ["--middleware", GATE]
    if model.template_kwargs:
        command += ["--default-chat-template-kwargs", json.dumps(model.template_kwargs)]
    if not gpu.bfloat16:
        command += ["--dtype", "half"]
    measured = model.architecture == "pixtral-qwen3"  # for these networks alone
    if measured and gpu.max_num_seqs > MANY_PAGES:
        command += ["--scheduler-cls", SCHEDULER]
    if settings.fast_boot:
        command += ["--enforce-eager"]
    elif measured:
        command += ["--compilation-config.compile_mm_encoder=true"]
    if settings.snapshot:
        command += ["--enable-sleep-mode"]
    return [*command, *flags]
