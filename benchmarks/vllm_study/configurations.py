"""What is tried on a GPU: each configuration differs from the container's command in one thing.

Where 83 ms a page may go was read in vLLM 0.32.0's sources; `why` says what each one tries. Not
here, as vLLM 0.32.0 refuses it on Hopper or for this architecture: fp8 attention in the encoder
(Blackwell alone), CUDA graphs of the encoder (Pixtral has none), FlashAttention 4 (Blackwell, and
wide heads). `--quantization fp8` means checkpoints that are fp8 already.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

GREEDY: Mapping[str, float] = {"temperature": 0.0}
# vLLM captures 51, every eighth size up to 256 and every sixteenth up to 512.
FEW_GRAPHS = [1, 2, 4, 8, 16, 32, *range(64, 257, 32), *range(320, 513, 64)]


@dataclass(frozen=True)
class Configuration:
    """Flags after the container's own, so that they win, and variables of the environment.

    `engines` share the GPU, through NVIDIA's Multi-Process Service if `shared`. `sampling` is what
    each request asks for. `exact` says that not even the rounding of a number changes beyond what
    another kernel or batch does; `joins` that it may be a part of the best combination.
    """

    why: str
    flags: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    in_flight: int | None = None
    engines: int = 1
    shared: bool = False
    sampling: Mapping[str, float] = field(default_factory=lambda: GREEDY)
    in_process: bool = False
    profile: bool = False
    exact: bool = True
    joins: bool = True

    def __add__(self, other: "Configuration") -> "Configuration":
        """Both; where they contradict each other, `other`."""
        return Configuration(
            f"{self.why}; {other.why}",
            self.flags + other.flags,
            {**self.environment, **other.environment},
            other.in_flight or self.in_flight,
            max(self.engines, other.engines),
            self.shared or other.shared,
            other.sampling if other.sampling is not GREEDY else self.sampling,
            self.in_process or other.in_process,
            self.profile or other.profile,
            self.exact and other.exact,
            self.joins and other.joins,
        )


def _set(config: str, **options: object) -> tuple[str, ...]:
    # One flag an option: vLLM puts them together, also those of several configurations.
    return tuple(f"--{config}.{name}={json.dumps(value)}" for name, value in options.items())


_UNCOMPILED = _set("compilation-config", compile_mm_encoder=False)
_UNGROUPED = ("--scheduler-cls", "vllm.v1.core.sched.async_scheduler.AsyncScheduler")
# Said in bytes, so that engines which start side by side need not measure what is left; little
# enough for two on 80 GB.
_HALF_EACH = (
    *("--gpu-memory-utilization", "0.44", "--kv-cache-memory-bytes", "27G"),
    *("--max-num-seqs", "128"),
)

CONFIGURATIONS: dict[str, Configuration] = {
    "seed": Configuration(
        "what the first deployment's flags come to",
        (
            *("--max-num-seqs", "1024", "--max-num-batched-tokens", "8192"),
            *("--enable-prefix-caching", "--mm-processor-cache-gb", "4"),
            *_UNCOMPILED,
            *_UNGROUPED,
        ),
        joins=False,
    ),
    "ours": Configuration("the container's command as it is", joins=False),
    "kv-fp8": Configuration(
        "reading keys and values is the largest part of decoding; this halves it",
        ("--kv-cache-dtype", "fp8"),
        exact=False,
    ),
    "weights-fp8": Configuration(
        "matrix products at twice the rate, in encoder and decoder",
        ("--quantization", "fp8_per_channel"),
        exact=False,
    ),
    "encoder-uncompiled": Configuration(
        "uncompiled, the encoder's rotary embedding is eight passes over queries and keys, "
        "its norms seven in float32; compiled, they are fused",
        _UNCOMPILED,
        joins=False,
    ),
    "ungrouped": Configuration(
        "one page at a time fills the last wave of the encoder's matrix products by a twentieth; "
        "eight together waste less, and interrupt decoding less often",
        _UNGROUPED,
        joins=False,
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
        joins=False,
    ),
    "two-engines-in-turn": Configuration(
        "the same without sharing: the GPU runs one process's kernels at a time",
        _HALF_EACH,
        engines=2,
        joins=False,
    ),
    # One prepared 14 pages a second at most on an H200's host: 0.83 of a core at 11.9.
    "front-ends": Configuration(
        "four processes that take requests and prepare pictures, so that none is the wall",
        ("--api-server-count", "4"),
        {"VLLM_MEDIA_LOADING_THREAD_COUNT": "3"},
    ),
    "sampled": Configuration(
        "what the models' own sampling costs: top-p looks through 151,936 scores a token",
        sampling={"temperature": 0.2, "top_p": 0.9},
        joins=False,
    ),
    "in-process": Configuration(
        "what HTTP, base64, PNG and JSON cost", in_process=True, joins=False
    ),
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
        exact=False,
    ),
    "pixels-shared": Configuration(
        "pictures to the engine through shared memory instead of a socket",
        ("--mm-tensor-ipc", "torch_shm"),
    ),
    "waiting-scheduler": Configuration(
        "what scheduling ahead of the GPU gives", ("--no-async-scheduling",)
    ),
    "few-graphs": Configuration(
        "17 CUDA graphs instead of 51",
        _set("compilation-config", cudagraph_capture_sizes=FEW_GRAPHS),
    ),
    "eager": Configuration("FAST_BOOT", ("--enforce-eager",), joins=False),
    "profile": Configuration("where the time goes", profile=True, joins=False),
}


def configuration(name: str) -> Configuration:
    """The named one, or the sum of those joined with `+`.

    Raises:
        KeyError: there is none of that name.
    """
    first, *others = (CONFIGURATIONS[part] for part in name.split("+"))
    return sum(others, first)


def winners(pages_per_s: Mapping[str, float], *, exact: bool, base: str = "ours") -> str:
    """The name of the combination of all that made `base` at least 1 % faster, the best last.

    Without any, or without `base`, it is `base`; `exact` leaves out what changes numbers.
    """
    if base not in pages_per_s:
        return base
    better = [
        name
        for name in sorted(pages_per_s, key=lambda name: pages_per_s[name])
        if pages_per_s[name] > 1.01 * pages_per_s[base] and _may_join(name.split("+"), exact)
    ]
    return "+".join(dict.fromkeys(part for name in better for part in name.split("+"))) or base


def _may_join(parts: Iterable[str], exact: bool) -> bool:
    chosen = [CONFIGURATIONS[part] for part in parts]
    return all(part.joins and (part.exact or not exact) for part in chosen)
