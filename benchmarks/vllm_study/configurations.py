"""What is tried on a GPU: each configuration differs from the container's command in one thing.

Where 83 ms a page may go was read in vLLM 0.32.0's sources; `why` says what each one tries. Not
here, as vLLM 0.32.0 refuses it on Hopper or for this architecture: fp8 attention in the encoder
(Blackwell alone), CUDA graphs of the encoder (Pixtral has none), FlashAttention 4 (Blackwell, and
wide heads). `--quantization fp8` means checkpoints that are fp8 already.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from lighton_ocr.catalog import find_gpu
from lighton_ocr.engines.vllm.command import DRAFT_TOKENS, drafting

GREEDY: Mapping[str, float] = {"temperature": 0.0}


@dataclass(frozen=True)
class Configuration:
    """Flags after the container's own, so that they win, and variables of the environment.

    `engines` share the GPU, through NVIDIA's Multi-Process Service if `shared`. `sampling` is what
    each request asks for. Of the GPU's memory no more than `mib` is left to them, if not None.
    """

    why: str
    flags: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    in_flight: int | None = None
    engines: int = 1
    shared: bool = False
    mib: int | None = None
    sampling: Mapping[str, float] = field(default_factory=lambda: GREEDY)
    in_process: bool = False
    profile: bool = False

    def __add__(self, other: "Configuration") -> "Configuration":
        """Both; where they contradict each other, `other`."""
        return Configuration(
            f"{self.why}; {other.why}",
            self.flags + other.flags,
            {**self.environment, **other.environment},
            other.in_flight or self.in_flight,
            max(self.engines, other.engines),
            self.shared or other.shared,
            other.mib or self.mib,
            other.sampling if other.sampling is not GREEDY else self.sampling,
            self.in_process or other.in_process,
            self.profile or other.profile,
        )


def _set(config: str, **options: object) -> tuple[str, ...]:
    # One flag an option: vLLM puts them together, also those of several configurations.
    return tuple(f"--{config}.{name}={json.dumps(value)}" for name, value in options.items())


_UNCOMPILED = _set("compilation-config", compile_mm_encoder=False)
_ONE_FRONT_END = ("--api-server-count", "1")
_UNGROUPED = ("--scheduler-cls", "vllm.v1.core.sched.async_scheduler.AsyncScheduler")
# Said in bytes, so that engines which start side by side need not measure what is left; little
# enough for two on 80 GB.
_HALF_EACH = (
    *("--gpu-memory-utilization", "0.44", "--kv-cache-memory-bytes", "27G"),
    *("--max-num-seqs", "128"),
)


def guesses(*right: float) -> tuple[str, ...]:
    """Flags: the first guess of a step is right in `right[0]` of all steps, the second in …[1], ….

    Random weights write what no draft foresees, so vLLM is told how many guesses to take over.
    """
    synthetic = {"rejection_sample_method": "synthetic", "synthetic_acceptance_rates": right}
    name, config, *graphs = drafting(find_gpu("H200").max_num_seqs, len(right), **synthetic)
    return (name, config) if len(right) == DRAFT_TOKENS else (name, config, *graphs)


# Of an H200's 143,771 MiB, what 90 % of an L4's are; nvidia-smi counts 23,034 there.
_L4_MIB = 23_034
_SHARE_OF_L4 = f"{0.9 * _L4_MIB / 143_771:.4f}"

# 30 pages of manuals: their own text as a draft of what the pocket model reads, in Qwen's tokens.
AS_ON_MANUALS = guesses(0.573, 0.484, 0.429, 0.393, 0.362)
UNDRAFTED = ("--speculative-config", "null")

CONFIGURATIONS: dict[str, Configuration] = {
    "seed": Configuration(
        "what the first deployment's flags come to",
        (
            *("--max-num-seqs", "1024", "--max-num-batched-tokens", "8192"),
            *("--enable-prefix-caching", "--mm-processor-cache-gb", "4"),
            *_UNCOMPILED,
            *_UNGROUPED,
            *_ONE_FRONT_END,
            *UNDRAFTED,
        ),
    ),
    "ours": Configuration("the container's command as it is"),
    "kv-fp8": Configuration(
        "reading keys and values is the largest part of decoding; this halves it",
        ("--kv-cache-dtype", "fp8"),
    ),
    "weights-fp8": Configuration(
        "matrix products at twice the rate, in encoder and decoder",
        ("--quantization", "fp8_per_channel"),
    ),
    "encoder-uncompiled": Configuration(
        "uncompiled, the encoder's rotary embedding is eight passes over queries and keys, "
        "its norms seven in float32; compiled, they are fused",
        _UNCOMPILED,
    ),
    "authors": Configuration(
        "the model authors' flags, with the catalog's batch sizes",
        (*_UNCOMPILED, *_UNGROUPED, *_ONE_FRONT_END, *UNDRAFTED),
    ),
    "undrafted": Configuration("the file's own text left out: a token a step", UNDRAFTED),
    "drafts-missing": Configuration(
        "guesses from what was written so far, as for scans",
        guesses(0.116, 0.056, 0.034, 0.022, 0.016),
    ),
    "guesses-3": Configuration("three a step instead of five", guesses(0.626, 0.535, 0.479)),
    "guesses-8": Configuration(
        "eight a step", guesses(0.522, 0.435, 0.379, 0.346, 0.316, 0.29, 0.266, 0.25)
    ),
    "ungrouped": Configuration(
        "one page at a time fills the last wave of the encoder's matrix products by a twentieth; "
        "six together waste less, and interrupt decoding less often",
        _UNGROUPED,
    ),
    "heads-first": Configuration(
        "a head's keys in 4 KB pieces of memory instead of 256 bytes",
        environment={"VLLM_KV_CACHE_LAYOUT": "HND"},
    ),
    "blocks-128": Configuration(
        "fewer entries of the block table for the attention kernel to look up",
        ("--block-size", "128"),
    ),
    "unsplit": Configuration(
        "decoding's attention without the step that joins the parts of a split sequence",
        _set("attention-config", flash_attn_max_num_splits_for_cuda_graph=1),
    ),
    "two-engines": Configuration(
        "one's encoder (arithmetic) beside the other's decoding (memory), at once on the GPU",
        _HALF_EACH,
        engines=2,
        shared=True,
    ),
    "two-engines-in-turn": Configuration(
        "the same without sharing: the GPU runs one process's kernels at a time",
        _HALF_EACH,
        engines=2,
    ),
    # For an L4's flags on an H200: says nothing of speed, as kernels and rates are others.
    "card-of-24-gb": Configuration(
        "whether a card of 24 GB has room for the container's flags",
        ("--gpu-memory-utilization", _SHARE_OF_L4),
        in_flight=find_gpu("L4").max_num_seqs,
        mib=_L4_MIB,
    ),
    # One used 1.2 cores at 20 pages a second, and pages waited in it.
    "one-front-end": Configuration(
        "one process instead of two that takes requests and prepares pictures",
        _ONE_FRONT_END,
    ),
    "sampled": Configuration(
        "what the models' own sampling costs: top-p looks through 151,936 scores a token",
        sampling={"temperature": 0.2, "top_p": 0.9},
    ),
    "in-process": Configuration("what HTTP, base64, PNG and JSON cost", in_process=True),
    "seqs-512": Configuration(
        "twice the pages in a decoding step share its fixed cost",
        ("--max-num-seqs", "512"),
        in_flight=512,
    ),
    "seqs-128": Configuration("less in flight", ("--max-num-seqs", "128"), in_flight=128),
    "seqs-64": Configuration("less in flight", ("--max-num-seqs", "64"), in_flight=64),
    "tokens-2k": Configuration(
        "a page's prefill in two steps", ("--max-num-batched-tokens", "2048")
    ),
    "tokens-8k": Configuration(
        "at most three pages encoded in a step", ("--max-num-batched-tokens", "8192")
    ),
    "tokens-32k": Configuration(
        "up to fifteen pages encoded in a step", ("--max-num-batched-tokens", "32768")
    ),
    "encoder-sdpa": Configuration(
        "the encoder's attention by PyTorch instead of FlashAttention 3",
        ("--mm-encoder-attn-backend", "TORCH_SDPA"),
    ),
    "encoder-triton": Configuration(
        "the encoder's attention by Triton instead of FlashAttention 3",
        ("--mm-encoder-attn-backend", "TRITON_ATTN"),
    ),
    "weights-fp8-tensor": Configuration(
        "one scale a matrix instead of one a row",
        ("--quantization", "fp8_per_tensor"),
    ),
    "pixels-shared": Configuration(
        "pictures to the engine through shared memory instead of a socket",
        ("--mm-tensor-ipc", "torch_shm"),
    ),
    "waiting-scheduler": Configuration(
        "what scheduling ahead of the GPU gives", ("--no-async-scheduling",)
    ),
    "eager": Configuration("FAST_BOOT", ("--enforce-eager", *UNDRAFTED)),
    "profile": Configuration("where the time goes", profile=True),
}


def configuration(name: str) -> Configuration:
    """The named one, or the sum of those joined with `+`.

    Raises:
        KeyError: there is none of that name.
    """
    first, *others = (CONFIGURATIONS[part] for part in name.split("+"))
    return sum(others, first)
