"""The configurations of the GPU study: each differs from the container's command in one thing.

`why` gives the reason for each, from the sources of vLLM 0.32.0. Some options are left out because
vLLM 0.32.0 refuses them on Hopper or for this architecture: fp8 attention in the encoder (only on
Blackwell), CUDA graphs of the encoder (not for Pixtral), FlashAttention 4 (Blackwell, and wide
heads). `--quantization fp8` is for checkpoints that are already in fp8.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lighton_ocr.catalog import find_gpu
from lighton_ocr.engines.vllm.command import DRAFT_TOKENS, draft_flags

GREEDY: Mapping[str, float] = {"temperature": 0.0}


@dataclass(frozen=True)
class Configuration:
    """Flags that override the container's, environment variables, and how the server is used.

    `engines` run on the GPU at once, through NVIDIA's Multi-Process Service if `shared`. `sampling`
    is part of each request. If `mib` is not None, only so much of the GPU's memory is left free.
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
        """Combine two; if they contradict each other, `other` wins."""
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

    def runs_like(self, other: "Configuration") -> bool:
        """Whether both can use the same servers, one after the other."""
        same = replace(self, why=other.why, in_flight=other.in_flight, sampling=other.sampling)
        return same == other and not (self.in_process or self.profile)


def _set(config: str, **options: object) -> tuple[str, ...]:
    # One flag per option: vLLM merges them, also those of several configurations.
    return tuple(f"--{config}.{name}={json.dumps(value)}" for name, value in options.items())


def _fp8(layers: str) -> tuple[str, ...]:
    config = {"targets": {layers: "fp8_per_channel"}}
    return ("--quantization", "online", "--quantization-config", json.dumps(config))


_UNCOMPILED = _set("compilation-config", compile_mm_encoder=False)
_ONE_API_SERVER = ("--api-server-count", "1")
_UNGROUPED = ("--scheduler-cls", "vllm.v1.core.sched.async_scheduler.AsyncScheduler")
# In bytes, so that engines that start at the same time need not measure the free memory; little
# enough for two in 80 GB.
_HALF_EACH = (
    *("--gpu-memory-utilization", "0.44", "--kv-cache-memory-bytes", "27G"),
    *("--max-num-seqs", "128"),
)


def accepting(*rates: float) -> tuple[str, ...]:
    """Flags with which a step's first draft token is accepted at `rates[0]`, the second at …[1], ….

    No draft predicts what random weights write, so vLLM is told how many draft tokens to accept.
    """
    synthetic = {"rejection_sample_method": "synthetic", "synthetic_acceptance_rates": rates}
    name, config, *graphs = draft_flags(find_gpu("H200").max_num_seqs, len(rates), **synthetic)
    return (name, config) if len(rates) == DRAFT_TOKENS else (name, config, *graphs)


# What nvidia-smi shows of an L4's, an H100's and an H200's memory.
_L4_MIB, _H100_MIB, _H200_MIB = 23_034, 81_559, 143_771


def _share(mib: int) -> tuple[str, ...]:
    return ("--gpu-memory-utilization", f"{0.9 * mib / _H200_MIB:.4f}")


# From 30 pages of manuals: their text as a draft of the pocket model's text, in Qwen's tokens.
AS_ON_MANUALS = accepting(0.573, 0.484, 0.429, 0.393, 0.362)
UNDRAFTED = ("--speculative-config", "null")

CONFIGURATIONS: dict[str, Configuration] = {
    "seed": Configuration(
        "the commonly copied flags",
        (
            *("--max-num-seqs", "1024", "--max-num-batched-tokens", "8192"),
            *("--enable-prefix-caching", "--mm-processor-cache-gb", "4"),
            *_UNCOMPILED,
            *_UNGROUPED,
            *_ONE_API_SERVER,
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
        (*_UNCOMPILED, *_UNGROUPED, *_ONE_API_SERVER, *UNDRAFTED),
    ),
    "undrafted": Configuration("without draft tokens: one token per step", UNDRAFTED),
    "drafts-missing": Configuration(
        "draft tokens only from the text written so far, as for scans",
        accepting(0.116, 0.056, 0.034, 0.022, 0.016),
    ),
    # From 19 worn scans of manuals: Tesseract's text as a draft of the pocket model's text.
    "drafts-ocr": Configuration(
        "draft tokens from what another OCR program reads on a scan",
        accepting(0.635, 0.548, 0.496, 0.462, 0.432),
    ),
    "draft-tokens-3": Configuration(
        "three per step instead of five", accepting(0.626, 0.535, 0.479)
    ),
    "draft-tokens-8": Configuration(
        "eight per step", accepting(0.522, 0.435, 0.379, 0.346, 0.316, 0.29, 0.266, 0.25)
    ),
    "ungrouped": Configuration(
        "pages admitted one by one: one fills the last wave of the encoder's matrix products by a "
        "twentieth; six together waste less, and stall decoding less often",
        _UNGROUPED,
    ),
    "prefill-interval-4": Configuration(
        "vLLM 0.33's own way to admit pages together, instead of our scheduler's groups",
        (*_UNGROUPED, "--prefill-schedule-interval", "4"),
    ),
    "heads-first": Configuration(
        "a head's keys in blocks of 4 KB of memory instead of 256 bytes",
        environment={"VLLM_KV_CACHE_LAYOUT": "HND"},
    ),
    "blocks-128": Configuration(
        "fewer entries of the block table for the attention kernel to look up",
        ("--block-size", "128"),
    ),
    "unsplit": Configuration(
        "attention in decoding without the step that joins the parts of a split sequence",
        _set("attention-config", flash_attn_max_num_splits_for_cuda_graph=1),
    ),
    "two-engines": Configuration(
        "the encoder of one (arithmetic) and the decoding of the other (memory) at the same time",
        _HALF_EACH,
        engines=2,
        shared=True,
    ),
    "two-engines-in-turn": Configuration(
        "the same without sharing: the GPU runs the kernels of one process at a time",
        _HALF_EACH,
        engines=2,
    ),
    "half": Configuration(
        "room for another server on the card; for texts, not for speed",
        ("--gpu-memory-utilization", "0.44", "--kv-cache-memory-bytes", "27G"),
    ),
    # For an L4's flags on an H200; does not measure speed, since kernels and rates differ.
    "card-of-24-gb": Configuration(
        "whether the container's flags fit into 24 GB",
        _share(_L4_MIB),
        in_flight=find_gpu("L4").max_num_seqs,
        mib=_L4_MIB,
    ),
    "card-of-80-gb": Configuration(
        "whether an H100's flags fit into its memory",
        (*_share(_H100_MIB), "--max-num-seqs", str(find_gpu("H100").max_num_seqs)),
        in_flight=find_gpu("H100").max_num_seqs,
        mib=_H100_MIB,
    ),
    # One used 1.2 cores at 20 pages per second, and requests waited in it.
    "one-api-server": Configuration(
        "one process instead of two that accept requests and preprocess images",
        _ONE_API_SERVER,
    ),
    "logprobs": Configuration(
        "the cost of a confidence: the client asks for a logprob per token",
        sampling={**GREEDY, "logprobs": True, "top_logprobs": 1},
    ),
    "sampled": Configuration(
        "the cost of the models' own sampling: top-p goes through 151,936 scores per token",
        sampling={"temperature": 0.2, "top_p": 0.9},
    ),
    "in-process": Configuration("the cost of HTTP, base64, PNG and JSON", in_process=True),
    "seqs-512": Configuration(
        "twice as many pages share the fixed cost of a decoding step",
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
        "one scale per matrix instead of one per row",
        ("--quantization", "fp8_per_tensor"),
    ),
    "decoder-fp8": Configuration(
        "fp8 for the decoder's matrix products alone", _fp8("language_model.model.layers.*_proj")
    ),
    "encoder-fp8": Configuration(
        "fp8 for the encoder's matrix products alone", _fp8("vision_tower.*_proj")
    ),
    "pixels-shared": Configuration(
        "images to the engine through shared memory instead of a socket",
        ("--mm-tensor-ipc", "torch_shm"),
    ),
    "waiting-scheduler": Configuration(
        "what scheduling ahead of the GPU gains", ("--no-async-scheduling",)
    ),
    "eager": Configuration("FAST_BOOT", ("--enforce-eager", *UNDRAFTED)),
    "profile": Configuration("where the time goes", profile=True),
}


def configuration(name: str) -> Configuration:
    """Return the configuration of that name, or the sum of those joined with `+`.

    Raises:
        KeyError: there is no configuration of that name.
    """
    first, *others = (CONFIGURATIONS[part] for part in name.split("+"))
    return sum(others, first)
