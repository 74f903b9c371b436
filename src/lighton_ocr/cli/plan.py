"""`lighton-ocr plan`: estimate speed and cost before renting a GPU."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from lighton_ocr._text import duration, pluralize
from lighton_ocr.catalog import DEFAULT_MODEL

if TYPE_CHECKING:
    from lighton_ocr.planner import Budget, Estimate

_MOST_PAGES = 10**9


def _whole_number(text: str) -> int:
    """Read `100000`, `100,000` or `100_000`, as --pages takes them."""
    digits = re.sub(r"(?<=\d)[,_' ](?=\d{3}(?!\d))", "", text.strip())
    if not (digits.isascii() and digits.isdigit() and 1 <= int(digits) <= _MOST_PAGES):
        raise typer.BadParameter(f"{text!r} is not a number of pages from 1 to {_MOST_PAGES:,}.")
    return int(digits)


def plan(
    pages: Annotated[
        int,
        typer.Option(
            help="number of pages, such as 500 or 1,000", parser=_whole_number, metavar="PAGES"
        ),
    ],
    gpu: Annotated[
        str | None, typer.Option(help="a name from `lighton-ocr gpus` [default: all]")
    ] = None,
    model: Annotated[
        str, typer.Option(help="a name from `lighton-ocr models`, served by vLLM")
    ] = DEFAULT_MODEL,
    tokens: Annotated[
        int | None, typer.Option(help="output tokens per page [default: the model's mean]", min=1)
    ] = None,
    deadline: Annotated[
        str | None, typer.Option(help="such as 45m, 8h or 2d; plans enough containers to meet it")
    ] = None,
    details: Annotated[
        bool,
        typer.Option("--details", help="show each GPU's limits and cost, and hosted services"),
    ] = False,
) -> None:
    """Estimate how long pages take on a GPU at Modal, and what they cost.

    Limits are computed from each GPU's data sheet; the estimate applies the efficiency of one
    measured run to all GPUs. To measure your own deployment, run `lighton-ocr bench speed`.
    """
    from lighton_ocr.catalog import find_gpu, find_model, gpus
    from lighton_ocr.deployment.settings import Settings
    from lighton_ocr.errors import UsageError
    from lighton_ocr.planner import estimate, parse_duration

    chosen = find_model(model)
    if "/" not in chosen.id:
        raise UsageError(
            f"{chosen.id} runs on this machine's CPU, not on a GPU. Plan with another model."
        )
    seconds = None if deadline is None else parse_duration(deadline)
    idle_s = Settings.from_env({}).scaledown_window
    candidates = gpus() if gpu is None else [find_gpu(gpu)]
    estimates = [estimate(chosen, candidate, tokens) for candidate in candidates]
    budgets = _budgets(estimates, pages, idle_s, seconds)
    _print_answer(budgets, pages)
    if details:
        from lighton_ocr.cli.plan_details import print_details

        print_details(estimates, budgets, idle_s)
    else:
        typer.echo("Computed, not measured. --details shows every figure, and hosted services.")
    _print_command(budgets, model)


def _print_answer(budgets: "list[Budget]", pages: int) -> None:
    """Print what the pages cost: on the only GPU, or on the default, cheapest and fastest one."""
    from lighton_ocr.deployment.settings import DEFAULT_GPU
    from lighton_ocr.planner import cheapest, fastest

    by_gpu = {found.estimate.gpu.name: found for found in budgets}
    first = by_gpu.get(DEFAULT_GPU, budgets[0])
    typer.echo(f"{pluralize(pages, 'page')} on {_article(first)}: {_sentence(first)}.")
    if len(budgets) == 1:
        return
    best = {"Cheapest:": cheapest(budgets), "Fastest: ": fastest(budgets)}
    if len(set(map(id, best.values()))) == 1:
        best = {"Cheapest and fastest:": cheapest(budgets)}
    for words, found in best.items():
        typer.echo(f"{words} {found.estimate.gpu.name}, {_sentence(found)}.")


def _print_command(budgets: "list[Budget]", model: str) -> None:
    """Print what deploys the only GPU, or the cheapest one, if that can be deployed."""
    from lighton_ocr.deployment.settings import CONTAINER_LIMIT
    from lighton_ocr.planner import cheapest

    best = cheapest(budgets)
    if best.containers > CONTAINER_LIMIT:
        return
    settings = [f"GPU={best.estimate.gpu.name}"]
    if model != DEFAULT_MODEL:
        settings.insert(0, f"MODEL={model}")
    if best.containers > 1:
        settings.append(f"MAX_CONTAINERS={best.containers}")
    which = "the cheapest" if len(budgets) > 1 else "it"
    typer.echo(f"To deploy {which}: make deploy {' '.join(settings)}")


def _budgets(
    estimates: "list[Estimate]", pages: int, idle_s: int, deadline_s: float | None
) -> "list[Budget]":
    """Return the budgets of GPUs that can meet the deadline; if none can, raise the last error."""
    from lighton_ocr.errors import UsageError
    from lighton_ocr.planner import budget

    found: list[Budget] = []
    refused: UsageError | None = None
    for each in estimates:
        try:
            found.append(budget(each, pages, idle_s, deadline_s))
        except UsageError as error:
            refused = error
    if refused and not found:
        raise refused
    return found


def _sentence(found: "Budget") -> str:
    containers = f" with {found.containers:,} containers" if found.containers > 1 else ""
    return (
        f"about {duration(found.hours * 3600)}{containers}, ${found.usd:,.2f}, "
        f"plus ${found.idle_usd:,.2f} for idle time"
    )


def _article(found: "Budget") -> str:
    name = found.estimate.gpu.name
    return f"{'an' if name[0] in 'AHLR' else 'a'} {name}"
