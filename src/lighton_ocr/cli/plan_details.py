"""The tables of `lighton-ocr plan --details`: limits, speed, cost, hosted services."""

import typer

from lighton_ocr.catalog import find_model, sentence_list
from lighton_ocr.catalog.hosted import IMAGE_TOKENS, services
from lighton_ocr.catalog.measurements import Measurement, calibration, measurements
from lighton_ocr.cli.tables import Column, print_table
from lighton_ocr.deployment.settings import CONTAINER_LIMIT
from lighton_ocr.planner import (
    API_SERVER_MEGAPIXELS_PER_S,
    TOKENS_PER_STEP,
    Budget,
    Estimate,
    efficiency,
)


def print_details(estimates: list[Estimate], budgets: list[Budget], idle_s: int) -> None:
    """Print each GPU's limits, speed and cost, and the prices of hosted services."""
    work, pages = estimates[0].work, budgets[0].pages
    typer.echo(
        f"\nA4 pages, read by {estimates[0].model.id}\n"
        f"Per page: {work.image_tokens:,} image tokens, {work.output_tokens:,} output tokens, "
        f"{work.flop / 1e12:.1f} TFLOP, {work.decode_bytes / 1e9:.0f} GB of cache reads\n"
    )
    _print_speed(estimates)
    typer.echo()
    _print_cost(budgets, idle_s)
    typer.echo()
    _print_hosted(pages, work.output_tokens)


def _print_speed(estimates: list[Estimate]) -> None:
    run = calibration()
    shown = {found.gpu.name for found in estimates}
    measured = [other for other in _measured(estimates[0]) if other.gpu in shown]
    by_gpu = {other.gpu: f"{other.pages_per_s:.2f}" for other in measured}
    api_server = API_SERVER_MEGAPIXELS_PER_S / estimates[0].work.megapixels
    sources = "".join(
        f"\n{other.gpu}, {other.pages_per_s:g}: {other.model.rpartition('/')[2]}, "
        f"{other.source}; {other.software}, {other.date}."
        for other in measured
    )
    print_table(
        "Pages/s of one GPU. FLOP/s and GB/s: computed limits of arithmetic and memory bandwidth, "
        "at one token per step. fit: pages that fit into memory at once. estimate: "
        f"{efficiency():.0%} of the rate that these limits give if arithmetic and memory traffic "
        f"follow one another. That share was measured with {run.software} on an {run.gpu} "
        f"({run.pages_per_s:g} pages/s, {run.date}); for other GPUs and models the estimate is "
        "computed, not measured. drafted: the same for PDFs that contain text, at "
        f"{TOKENS_PER_STEP} tokens per step; may be less before Hopper. preprocessing: an API "
        f"server of vLLM is assumed to preprocess {api_server:.1f} pages/s, the most that was "
        f"measured, and two API servers twice as many. {_evidence(estimates)} measured: the "
        f"highest measured rate, with or without draft tokens, of pages and answers of this size:"
        f"{sources or ' none yet.'}",
        (
            Column("gpu", "left"),
            *map(Column, ("FLOP/s", "GB/s", "fit", "estimate", "drafted")),
            Column("bottleneck", "left"),
            Column("measured"),
        ),
        [
            (
                found.gpu.name,
                f"{found.limits.arithmetic:.1f}",
                f"{found.limits.bandwidth:.1f}",
                f"{found.limits.capacity:,}",
                f"{found.pages_per_s:.2f}",
                f"{found.drafted_per_s:.2f}",
                found.bottleneck,
                by_gpu.get(found.gpu.name, "–"),
            )
            for found in estimates
        ],
    )


def _evidence(estimates: list[Estimate]) -> str:
    """Say on which of these GPUs vLLM's limits were measured."""

    gpus = [found.gpu for found in estimates]
    measured = [gpu.name for gpu in gpus if gpu.evidence.vllm_limits == "measured"]
    if not measured:
        return "vLLM's limits are assumed."
    others = " and are assumed for the others" if len(measured) < len(gpus) else ""
    return f"vLLM's limits were measured on {sentence_list(measured, 'and')}{others}."


def _print_cost(budgets: list[Budget], idle_s: int) -> None:
    too_many = any(found.containers > CONTAINER_LIMIT for found in budgets)
    print_table(
        "At the estimated rate: GPU time at Modal's US list price, including each container's "
        f"start. idle: the cost of the scale-down window, {idle_s} s after the last page."
        + f" MAX_CONTAINERS can be at most {CONTAINER_LIMIT:,}."
        * too_many,
        (Column("gpu", "left"), *map(Column, ("$/1,000", "containers", "hours", "$", "idle $"))),
        [
            (
                found.estimate.gpu.name,
                f"{found.estimate.usd_per_1000:.3f}",
                f"{found.containers:,}",
                f"{found.hours:.2f}",
                f"{found.usd:,.2f}",
                f"{found.idle_usd:,.2f}",
            )
            for found in budgets
        ],
    )


def _measured(found: Estimate) -> list[Measurement]:
    """Return the measurements of networks, pages and answers of this size, slowest first."""

    size = (found.model.shape, found.model.edge)
    alike = []
    for run in measurements():
        model = find_model(run.model)
        tokens = run.tokens or model.output_tokens
        if (model.shape, model.edge) == size and tokens == found.work.output_tokens:
            alike.append(run)
    return sorted(alike, key=lambda run: run.pages_per_s)


def _print_hosted(pages: int, tokens: int) -> None:
    rows = [
        (
            service.name,
            f"{service.usd_per_1000(tokens):.2f}{' ?' if service.unsure else ''}",
            f"{service.usd_per_1000(tokens) * pages / 1000:,.2f}",
            service.note,
            service.date,
        )
        for service in sorted(services(), key=lambda service: service.usd_per_1000(tokens))
    ]
    print_table(
        "List prices from secondary sources; ? marks a weak one. Vision models: "
        f"{IMAGE_TOKENS:,} input and {tokens:,} output tokens per page, no thinking, no retries.",
        (
            Column("hosted service", "left", wraps=True),
            Column("$/1,000"),
            Column("$"),
            Column("note", "left", wraps=True),
            Column("as of", "left"),
        ),
        rows,
    )
