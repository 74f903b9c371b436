"""The argument list of `vllm serve`.

The flags for images and caches are the model authors': every page is one image and no page comes
twice, so caching images or prefixes would only take memory. The compiled encoder, groups of new
pages and draft tokens are our additions: docs/PERFORMANCE.md says how much each gains, and how far
it changes the texts.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from lighton_ocr.catalog import Gpu, Model

PORT = 8000
ALLOW_LIST = "lighton_ocr.engines.vllm.allow_list.AllowList"
# Answers whole documents (server/inside_vllm.py); the engines do not import the server.
DOCUMENTS = "lighton_ocr.server.inside_vllm.DocumentRoutes"
SCHEDULER = "lighton_ocr.engines.vllm.scheduler.PageScheduler"
NO_DOMAIN = "none.invalid"  # vLLM fetches no URL: an empty list would mean any
GROUPING_THRESHOLD = 128  # running pages above which the scheduler admits new ones in groups
DRAFT_TOKENS = 5  # checked per step and page


@dataclass(frozen=True)
class VllmOptions:
    """What vLLM serves, and where.

    `fast_boot` skips compilation; `snapshot` enables vLLM's sleep mode. `page_scheduler` False
    leaves out our additions, which were tested with some releases of vLLM only (version.py).
    `public` says that nobody checks callers' keys, so they are told as little as possible.
    `documents` adds `/v1/ocr`, which needs what the extra `serve` installs.
    """

    model: Model
    gpu: Gpu
    fast_boot: bool = False
    snapshot: bool = False
    page_scheduler: bool = True
    public: bool = False
    documents: bool = False

    @property
    def uses_page_scheduler(self) -> bool:
        """Whether our scheduler runs; it was tested with one architecture."""
        return self.page_scheduler and self.model.architecture == "pixtral-qwen3"

    @property
    def uses_drafts(self) -> bool:
        """Whether the text that a file contains is used as draft tokens."""
        return self.uses_page_scheduler and self.gpu.bfloat16 and not self.fast_boot

    @property
    def compiles_encoder(self) -> bool:
        """Whether the vision encoder is compiled, and not the decoder alone."""
        return self.uses_page_scheduler and not self.fast_boot

    @property
    def api_servers(self) -> int:
        """How many processes accept requests.

        Several import vLLM once more, which a fast start does without; they were not tested with a
        snapshot.
        """
        has_several = self.uses_page_scheduler and not (self.snapshot or self.fast_boot)
        return self.gpu.api_servers if has_several else 1


def vllm_command(
    options: VllmOptions,
    *,
    program: str = "vllm",
    weights: str | None = None,
    host: str = "127.0.0.1",
    port: int = PORT,
    flags: Sequence[str] = (),
) -> list[str]:
    """Build the whole command, program first.

    `weights` is a folder to load instead of the model hub's repository; the model keeps its names.
    `flags` come last and so override ours.
    """
    model, gpu = options.model, options.gpu
    command = [program, "serve", weights or model.id]
    if weights is None and model.revision != "main":
        command += ["--revision", model.revision]
    command += ["--served-model-name", *model.names]
    command += ["--host", host, "--port", str(port)]
    command += ["--limit-mm-per-prompt", json.dumps({"image": 1})]
    command += ["--allowed-media-domains", NO_DOMAIN]
    command += ["--mm-processor-cache-gb", "0", "--no-enable-prefix-caching"]
    command += ["--max-model-len", str(model.context)]
    command += ["--max-num-seqs", str(gpu.max_num_seqs)]
    command += ["--max-num-batched-tokens", str(gpu.max_num_batched_tokens)]
    command += ["--gpu-memory-utilization", str(gpu.gpu_memory_utilization)]
    if options.api_servers > 1:
        command += ["--api-server-count", str(options.api_servers)]
    command += ["--middleware", ALLOW_LIST]
    if options.documents:  # the last one is the first that a request meets
        command += ["--middleware", DOCUMENTS]
    if options.page_scheduler:  # other releases may not have this flag
        command += ["--no-enable-flashinfer-autotune"]
    if gpu.attention_backend:
        command += ["--attention-backend", gpu.attention_backend]
    if model.template_kwargs:
        command += ["--default-chat-template-kwargs", json.dumps(model.template_kwargs)]
    if not gpu.bfloat16:
        command += ["--dtype", "half"]
    if options.uses_page_scheduler:
        command += ["--scheduler-cls", SCHEDULER]
    if options.fast_boot:
        command += ["--enforce-eager"]
    if options.compiles_encoder:
        command += ["--compilation-config.compile_mm_encoder=true"]
    if options.uses_drafts:
        command += draft_flags(gpu.max_num_seqs)
    if options.snapshot:
        # Development mode logs the stack of each refused request, and with it the request's values.
        command += ["--enable-sleep-mode", "--no-log-error-stack"]
    return [*command, *flags]


def draft_flags(max_num_seqs: int, tokens: int = DRAFT_TOKENS, **options: object) -> list[str]:
    """Return the flags for vLLM's n-gram drafting, with `tokens` draft tokens per step and page.

    vLLM looks for the last three tokens in all that precede them, then for the last two, then for
    the last one; the tokens that followed are the draft. The scheduler puts a page's text among
    the prompt's tokens. CUDA graphs are captured for up to `max_num_seqs` pages, because vLLM's own
    choice ends at 512 tokens per step.
    """
    config = {"method": "ngram_gpu", "num_speculative_tokens": tokens}
    config |= {"prompt_lookup_min": 1, "prompt_lookup_max": 3, **options}
    counts = [1, 2, 4, 8, 16, *range(32, max_num_seqs, 32), max_num_seqs]
    sizes = sorted({min(count, max_num_seqs) * (1 + tokens) for count in counts})
    captured = ",".join(map(str, sizes))
    return [
        *("--speculative-config", json.dumps(config)),
        f"--compilation-config.cudagraph_capture_sizes=[{captured}]",
    ]
