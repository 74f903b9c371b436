"""The argument list of `vllm serve`, for Modal, for a GPU of one's own and for the tests on a CPU.

The flags on images and caches are the model authors' own: every page is one image and no page comes
twice, so that caching images or prefixes only costs memory. Compiling the encoder, letting pages in
together and taking the file's own text as a draft are ours: docs/PERFORMANCE.md has what each gave,
and how far apart texts are with and without.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from lighton_ocr.catalog import Gpu, Model

PORT = 8000
ALLOW_LIST = "lighton_ocr.engines.vllm.allow_list.RouteAllowList"
SCHEDULER = "lighton_ocr.engines.vllm.scheduler.PageScheduler"
MANY_PAGES = 128  # at once in a container; with more, new ones are let in together
DRAFT_TOKENS = 5  # tokens of a page's draft that are checked at a time


@dataclass(frozen=True)
class VllmOptions:
    """What vLLM serves, and where: `fast_boot` skips compilation, `snapshot` lets it sleep."""

    model: Model
    gpu: Gpu
    fast_boot: bool = False
    snapshot: bool = False


def vllm_command(
    options: VllmOptions,
    *,
    weights: str | None = None,
    host: str = "127.0.0.1",
    port: int = PORT,
    flags: Sequence[str] = (),
) -> list[str]:
    """The whole command, program first.

    `weights` is a folder to load in place of the model hub's repository; the model keeps its names.
    `flags` come last, and so before any of ours that they repeat: for measuring other options.
    """
    model, gpu = options.model, options.gpu
    command = ["vllm", "serve", weights or model.id]
    command += ["--served-model-name", *model.names]
    command += ["--host", host, "--port", str(port)]
    command += ["--limit-mm-per-prompt", json.dumps({"image": 1})]
    command += ["--mm-processor-cache-gb", "0", "--no-enable-prefix-caching"]
    command += ["--max-model-len", str(model.context)]
    command += ["--max-num-seqs", str(gpu.max_num_seqs)]
    command += ["--max-num-batched-tokens", str(gpu.max_num_batched_tokens)]
    command += ["--gpu-memory-utilization", str(gpu.gpu_memory_utilization)]
    if (servers := api_servers(model, gpu, options.snapshot)) > 1:
        command += ["--api-server-count", str(servers)]
    command += ["--middleware", ALLOW_LIST]
    if model.template_kwargs:
        command += ["--default-chat-template-kwargs", json.dumps(model.template_kwargs)]
    if not gpu.bfloat16:
        command += ["--dtype", "half"]
    if uses_page_scheduler(model):
        command += ["--scheduler-cls", SCHEDULER]
    if options.fast_boot:
        command += ["--enforce-eager"]
    elif uses_page_scheduler(model):
        command += ["--compilation-config.compile_mm_encoder=true"]
    if takes_drafts(model, gpu) and not options.fast_boot:
        command += drafting(gpu.max_num_seqs)
    if options.snapshot:
        command += ["--enable-sleep-mode"]
    return [*command, *flags]


def api_servers(model: Model, gpu: Gpu, snapshot: bool = False) -> int:
    """How many of vLLM's processes take requests; several were not tried with a snapshot."""
    return gpu.api_servers if uses_page_scheduler(model) and not snapshot else 1


def takes_drafts(model: Model, gpu: Gpu) -> bool:
    """Whether the server checks what a file says is on its page."""
    return uses_page_scheduler(model) and gpu.bfloat16


def uses_page_scheduler(model: Model) -> bool:
    """Whether its network is one for which all of ours was tried."""
    return model.architecture == "pixtral-qwen3"


def drafting(max_num_seqs: int, guesses: int = DRAFT_TOKENS, **options: object) -> list[str]:
    """Flags by which vLLM guesses from what the scheduler put in the place of a page's picture.

    The last three tokens are looked for in all that came before, then two, then one, and what
    followed them last is guessed. Graphs are captured
    for so many pages at once, as vLLM's own choice ends at 512 tokens a step.
    """
    config = {"method": "ngram_gpu", "num_speculative_tokens": guesses}
    config |= {"prompt_lookup_min": 1, "prompt_lookup_max": 3, **options}
    counts = [1, 2, 4, 8, 16, *range(32, max_num_seqs, 32), max_num_seqs]
    sizes = sorted({min(count, max_num_seqs) * (1 + guesses) for count in counts})
    captured = ",".join(map(str, sizes))
    return [
        *("--speculative-config", json.dumps(config)),
        f"--compilation-config.cudagraph_capture_sizes=[{captured}]",
    ]
