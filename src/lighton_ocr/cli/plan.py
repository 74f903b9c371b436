"""`lighton-ocr plan`: what reading many pages would take and cost, before anything is rented."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lighton_ocr.catalog.measurements import Measurement
    from lighton_ocr.planner import Budget, Estimate


def plan(
    pages: Annotated[int, typer.Option(help="how many are to be read", min=1, max=10**9)],
    gpu: Annotated[
        str | None, typer.Option(help="one from `lighton-ocr gpus`; else all of them")
    ] = None,
    model: Annotated[
        str, typer.Option(help="a name from `lighton-ocr models`, served by vLLM")
    ] = "1b",
    tokens: Annotated[
        int | None, typer.Option(help="output tokens a page; else the model's mean", min=1)
    ] = None,
    deadline: Annotated[
        str | None, typer.Option(help="45m, 8h or 2d: enough containers to be done by then")
    ] = None,
) -> None:
    """Say how fast each GPU could read, what bounds it, and what the pages would cost.

    Limits are computed from each GPU's datasheet; the estimate applies the efficiency of one
    measured run to all of them. Measure your own with `lighton-ocr bench speed`.
    """
    from lighton_ocr.catalog import find_gpu, find_model, gpus
    from lighton_ocr.deployment.settings import Settings
    from lighton_ocr.errors import UsageError
    from lighton_ocr.planner import cheapest, estimate, fastest, parse_duration

    chosen = find_model(model)
    if "/" not in chosen.id:
        raise UsageError(f"{chosen.id} reads on this machine's processor; plan for another model.")
    seconds = None if deadline is None else parse_duration(deadline)
    idle_s = Settings.from_env({}).scaledown_window
    among = gpus() if gpu is None else [find_gpu(gpu)]
    estimates = [estimate(chosen, each, tokens) for each in among]
    budgets = _budgets(estimates, pages, idle_s, seconds)
    first = estimates[0].work
    typer.echo(
        f"{pages:,} A4 pages by {chosen.id}\n"
        f"A page: {first.image_tokens:,} image tokens, {first.output_tokens:,} output tokens, "
        f"{first.flop / 1e12:.1f} TFLOP, {first.decode_bytes / 1e9:.0f} GB of cache reads\n"
    )
    _print_speed(estimates)
    typer.echo()
    _print_cost(budgets, idle_s)
    if len(budgets) > 1:
        typer.echo(f"\nCheapest: {_sentence(cheapest(budgets))}")
        typer.echo(f"Fastest:  {_sentence(fastest(budgets))}")
    typer.echo()
    _print_hosted(pages, first.output_tokens)


def _budgets(
    estimates: "list[Estimate]", pages: int, idle_s: int, deadline_s: float | None
) -> "list[Budget]":
    """Those of the GPUs that can meet the deadline; if none can, the last one's error."""
    from lighton_ocr.errors import UsageError
    from lighton_ocr.planner import budget

    found: list[Budget] = []
    refused: UsageError | None = None
    for each in estimates:
        try:
            found.append(budget(each, pages, idle_s, deadline_s))
        except UsageError as fault:
            refused = fault
    if refused and not found:
        raise refused
    return found


def _print_speed(estimates: "list[Estimate]") -> None:
    from lighton_ocr.catalog.measurements import calibration
    from lighton_ocr.cli.tables import Column, print_table
    from lighton_ocr.planner import API_SERVER_MEGAPIXELS_PER_S, TOKENS_A_STEP, efficiency

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
        "Pages/s of one GPU. FLOP/s and GB/s are what its arithmetic and its bandwidth allow at "
        "most, at a token a step, computed; fit is how many pages its memory holds at once. An "
        f"API server of vLLM is taken to pass {api_server:.1f} pages/s at most, as one has been "
        "seen to, and two twice that. "
        f"The estimate is {efficiency():.0%} of what the parts need one after the other, "
        f"as measured with {run.software} on an {run.gpu} ({run.pages_per_s:g} pages/s, "
        f"{run.date}); for other GPUs and models it is computed, not measured. Drafted is the "
        f"same for PDFs with text of their own, where a step writes {TOKENS_A_STEP} tokens, and "
        "may be less before Hopper. Seen is the most that somebody measured, drafted or not, where "
        "pages and answers are or are taken to be of this size:"
        f"{sources or ' nothing yet.'}",
        (
            Column("gpu", "left"),
            *map(Column, ("FLOP/s", "GB/s", "fit", "estimate", "drafted")),
            Column("bound by", "left"),
            Column("seen"),
        ),
        [
            (
                found.gpu.name,
                f"{found.arithmetic:.1f}",
                f"{found.bandwidth:.1f}",
                f"{found.sequences:,}",
                f"{found.pages_per_s:.2f}",
                f"{found.drafted_per_s:.2f}",
                found.wall,
                by_gpu.get(found.gpu.name, "–"),
            )
            for found in estimates
        ],
    )


def _print_cost(budgets: "list[Budget]", idle_s: int) -> None:
    from lighton_ocr.cli.tables import Column, print_table
    from lighton_ocr.deployment.settings import MOST_CONTAINERS

    too_many = any(found.containers > MOST_CONTAINERS for found in budgets)
    print_table(
        "At the estimate. GPU time only, Modal's US list price, a container's start included; idle "
        f"is what the scale-down window of {idle_s} s adds after the last page."
        + f" MAX_CONTAINERS ends at {MOST_CONTAINERS:,}."
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


def _sentence(found: "Budget") -> str:
    containers = f"{found.containers} container" + ("s" if found.containers > 1 else "")
    return (
        f"{found.estimate.gpu.name}, {containers}, {found.hours:.1f} h, "
        f"${found.total_usd:,.2f} with idle time"
    )


def _measured(found: "Estimate") -> "list[Measurement]":
    """Somebody's measurements of networks, pages and answers of this size, slowest first."""
    from lighton_ocr.catalog import find_model
    from lighton_ocr.catalog.measurements import measurements

    size = (found.model.shape, found.model.edge)
    alike = []
    for run in measurements():
        model = find_model(run.model)
        tokens = run.tokens or model.output_tokens
        if (model.shape, model.edge) == size and tokens == found.work.output_tokens:
            alike.append(run)
    return sorted(alike, key=lambda run: run.pages_per_s)


def _print_hosted(pages: int, tokens: int) -> None:
    from lighton_ocr.catalog.hosted import IMAGE_TOKENS, services
    from lighton_ocr.cli.tables import Column, print_table

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
        "List prices, second hand; ? marks a weak source. Vision models: "
        f"{IMAGE_TOKENS:,} tokens in and {tokens:,} out a page, no thinking, no retries.",
        (
            Column("hosted service", "left", wraps=True),
            Column("$/1,000"),
            Column("$"),
            Column("note", "left", wraps=True),
            Column("price of", "left"),
        ),
        rows,
    )
