"""Tables of the encoder's kernels and of two releases of vLLM, for docs/ and benchmarks/LOG.md."""

from typing import Any

from tools.docs.table import table

Run = dict[str, Any]

_PRODUCTS = {
    "qkv": "queries, keys and values",
    "o": "attention's output",
    "gate and up": "feed-forward, in",
    "down": "feed-forward, out",
}
_LOADS = {
    "ours": "the container's flags",
    "ours, again": "the same servers, once more",
    "tokens-32k": "32,768 batched tokens",
    "card-of-80-gb": "an H100's flags and memory",
    "prefill-interval-4": "vLLM's own way to group pages, instead of ours",
}


def kernels(run: Run) -> str:
    """Milliseconds per page and rate of each kernel in bfloat16, and milliseconds in fp8."""
    found = next(row for name, row in reversed(run["rows"].items()) if name.startswith("pages"))
    attention = "attention, FlashAttention 3"
    named = {"attention": (found[attention], found[f"{attention}, fp8"])}
    for key, name in _PRODUCTS.items():
        named[name] = (found[f"{key}, bfloat16"], found[f"{key}, fp8"])
    rows = [
        (name, _ms(row), f"{row['tflop_per_s']}", _ms(fp8)) for name, (row, fp8) in named.items()
    ]
    totals = [sum(pair[side]["ms_per_page"] for pair in named.values()) for side in (0, 1)]
    rows.append(("together", f"{totals[0]:.1f} ms", "", f"{totals[1]:.1f} ms"))
    return table(("all 24 layers, one page", "bfloat16", "TFLOP/s", "fp8"), rows)


def releases(*runs: Run) -> str:
    """Speed and start of each configuration, by release of vLLM."""
    rows = [
        (
            run["versions"]["vllm"],
            _LOADS[name],
            f"{row['in_flight']}",
            f"{row['pages_per_s']:.2f}",
            f"{row['pages_per_s_by_latency']:.2f}",
            f"{row['alone']['seconds_a_page']:.2f} s",
        )
        for run in runs
        for name, row in run["rows"].items()
    ]
    heads = ("vLLM", "", "in flight", "pages/s", "by latency", "one page alone")
    return table(heads, rows)


def _ms(row: Run) -> str:
    return f"{row['ms_per_page']:.1f} ms"
