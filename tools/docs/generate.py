"""Write the generated parts of the documentation: `make docs`.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`, where NAME is one of PARTS. Its
text comes from the catalog, the planner, the Makefile, the command line or a result file.
tests/docs/test_generated.py fails when a document differs from its sources.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

from lighton_ocr.catalog import DEFAULT_MODEL, Gpu, Model, find_model, gpus, models
from lighton_ocr.catalog.hosted import services
from lighton_ocr.catalog.measurements import measurements
from lighton_ocr.cli import app
from lighton_ocr.planner import Estimate, estimate
from tools.docs import benchmark_tables, gpu_tables, pocket_tables
from tools.docs.table import table

ROOT = Path(__file__).parents[2]
PART = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
DAYS = 30  # in a month
PAGE_TOKENS = 475  # of an English page on average (authors), for services that bill by the token
CATEGORIES = {
    "arxiv": "arXiv",
    "old_scans_math": "old scans, math",
    "tables": "tables",
    "old_scans": "old scans",
    "multi_column": "multi-column",
    "long_tiny_text": "long tiny text",
    "base": "base",
    "overall": "**overall**",
}


def documents() -> list[Path]:
    """The README, the pages under docs/, the benchmarks' log and the pocket model's card."""
    return [
        ROOT / "README.md",
        *sorted((ROOT / "docs").glob("*.md")),
        ROOT / "benchmarks" / "LOG.md",
        ROOT / "models" / "pocket" / "README.md",
    ]


def fill(text: str) -> str:
    """Return a document's text with its generated parts up to date."""
    return PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}\n{part[3]}", text)


def family() -> str:
    """The models to choose from: those with a published score, and the pocket model."""
    rows = [
        (f"`{_short(model)}`", _size(model), _score(model), model.note)
        for model in models()
        if model.quality or "/" not in model.id
    ]
    return table(("model", "size", "score", "use"), rows)


def checkpoints() -> str:
    """Every model, with what it takes to serve it."""
    rows = [
        (
            _hub_link(model),
            ", ".join(f"`{alias}`" for alias in model.aliases),
            _size(model),
            f"{model.edge} px",
            f"{model.context:,}",
            model.tables,
            ", ".join(model.modes),
            model.min_vllm or "–",
            "yes" if model.gguf or "/" not in model.id else "–",
        )
        for model in models()
    ]
    heads = ("checkpoint", "aliases", "size", "edge", "context", "tables", "modes", "vLLM ≥")
    return table((*heads, "embedded"), rows)


def scores() -> str:
    """Published scores of each model."""
    rows = [
        (f"`{_short(model)}`", *(f"{getattr(model.quality, name):.1f}" for name in CATEGORIES))
        for model in models()
        if model.quality
    ]
    return table(("model", *CATEGORIES.values()), rows)


def costs() -> str:
    """What each GPU costs per hour, per month and (computed) per page."""
    rows = [
        (
            f"`{gpu.name}`",
            f"{gpu.memory_gb} GB",
            f"${gpu.price_per_hour:.2f}",
            *(f"${gpu.price_per_hour * hours * DAYS:,.0f}" for hours in (1, 4, 24)),
            f"{found.pages_per_s:.2g}",
            f"${found.usd_per_1000:.2f}",
        )
        for gpu, found in _estimates()
    ]
    heads = ("`GPU=`", "memory", "per hour", "1 h/day", "4 h/day", "always on", "pages/s")
    return table((*heads, "1,000 pages"), rows)


def rented_gpus() -> str:
    """The GPUs that Modal rents: names, rates, and the limit of each."""
    rows = [
        (
            " ".join(f"`{name}`" for name in (gpu.name, *gpu.aliases)),
            f"{gpu.memory_gb} GB",
            f"{gpu.bandwidth_gb_s:,}",
            f"{gpu.measured_tflops:,.0f}",
            f"${gpu.price_per_hour:.2f}",
            f"{found.limits.bound:.2g}",
            f"{found.pages_per_s:.2g}",
            f"{found.drafted_per_s:.2g}",
            found.bottleneck,
        )
        for gpu, found in _estimates()
    ]
    heads = ("`GPU=`", "memory", "GB/s", "TFLOP/s", "per hour", "limit", "scans/s", "PDF pages/s")
    return table((*heads, "bottleneck"), rows)


def gpu_limits() -> str:
    """vLLM's settings on each GPU."""
    rows = [
        (
            f"`{gpu.name}`",
            gpu.architecture,
            gpu.capability,
            "bfloat16" if gpu.bfloat16 else "float16",
            str(gpu.max_num_seqs),
            f"{gpu.max_num_batched_tokens:,}",
            f"{gpu.gpu_memory_utilization:.0%}",
            str(gpu.api_servers),
        )
        for gpu in gpus()
    ]
    heads = ("GPU", "architecture", "capability", "precision", "sequences", "batched tokens")
    return table((*heads, "memory share", "API servers"), rows)


def hosted() -> str:
    """List prices of hosted services, cheapest first."""
    rows = [
        (
            service.name,
            f"${service.usd_per_1000(PAGE_TOKENS):.2f}" + (" ?" if service.unsure else ""),
            service.note,
            f"{service.source} ({service.date})",
        )
        for service in sorted(services(), key=lambda service: service.usd_per_1000(PAGE_TOKENS))
    ]
    return table(("service", "1,000 pages", "note", "source"), rows)


def measured() -> str:
    """Measured speeds, ours and others'."""
    rows = [
        (
            run.model.rpartition("/")[2],
            run.gpu,
            f"{run.pages_per_s:g}",
            run.software,
            f"{run.source} ({run.date})",
        )
        for run in measurements()
    ]
    return table(("model", "GPU", "pages/s", "software", "source"), rows)


def make_help() -> str:
    """What `make` prints without a target."""
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    return _fenced(done.stdout)


def command_help() -> str:
    """What `--help` prints, for the program and each command."""
    sections = [_help()]
    sections += [
        f"## lighton-ocr {' '.join(names)}\n\n{_help(*names)}"
        for names in _commands(get_command(app))
    ]
    return "\n\n".join(sections)


PARTS: dict[str, Callable[[], str]] = {
    "family": family,
    "checkpoints": checkpoints,
    "scores": scores,
    "costs": costs,
    "gpus": rented_gpus,
    "gpu-limits": gpu_limits,
    "hosted": hosted,
    "measured": measured,
    "make": make_help,
    "commands": command_help,
    **benchmark_tables.TABLES,
    **pocket_tables.TABLES,
    **gpu_tables.tables(),
}


def _estimates() -> list[tuple[Gpu, Estimate]]:
    return [(gpu, estimate(find_model(DEFAULT_MODEL), gpu)) for gpu in gpus()]


def _commands(group: Any) -> Iterator[tuple[str, ...]]:
    """The names of every command, those in groups included."""
    for name, command in getattr(group, "commands", {}).items():
        yield (name,)
        yield from ((name, *names) for names in _commands(command))


def _help(*command: str) -> str:
    # The width of the terminal that runs this must not matter.
    environment = {"COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1"}
    arguments = [*command, "--help"]
    done = CliRunner().invoke(app, arguments, prog_name="lighton-ocr", env=environment)
    return _fenced(done.stdout)


def _fenced(text: str) -> str:
    text = text.strip("\n")
    return f"```text\n{text}\n```"


def _short(model: Model) -> str:
    return model.aliases[0]


def _size(model: Model) -> str:
    return f"{model.parameters_m:,.0f} M"


def _score(model: Model) -> str:
    return f"{model.quality.overall:.1f}" if model.quality else "–"


def _hub_link(model: Model) -> str:
    name = model.id.rpartition("/")[2]
    return f"[{name}](https://huggingface.co/{model.id})" if "/" in model.id else f"`{name}`"


if __name__ == "__main__":
    for path in documents():
        path.write_text(fill(path.read_text("utf-8")), "utf-8", newline="\n")
