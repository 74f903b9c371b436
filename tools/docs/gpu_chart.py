"""Draw docs/gpu-study.svg, a bar chart of the latest GPU study: python -m tools.docs.gpu_chart."""

import json
from pathlib import Path

from matplotlib import rcParams
from matplotlib.figure import Figure

from tools.docs.gpu_studies import API_SERVERS, Study
from tools.docs.gpu_tables import LATEST, RESULTS, Run, slowest_first

CHART = Path(__file__).parents[2] / "docs" / "gpu-study.svg"


def draw(study: Study, run: Run, path: Path) -> None:
    """Draw a bar for each configuration, the slowest on top."""
    rcParams["svg.hashsalt"] = "gpu-study"  # the same image from the same run
    rows = slowest_first(run)
    figure = Figure(figsize=(9, 1 + 0.32 * len(rows)), layout="constrained")
    axes = figure.subplots()
    names = [study.name(name) for name, _ in rows]
    bars = axes.barh(names, [row["pages_per_s"] for _, row in rows], color="#4c78a8")
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.axvline(run["rows"][study.base]["pages_per_s"], color="gray", linestyle="--")
    axes.invert_yaxis()
    axes.set_xlabel(f"pages/s on one {run['gpu']}, 256 in flight")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    draw(API_SERVERS, json.loads((RESULTS / f"{LATEST}.json").read_text("utf-8")), CHART)
