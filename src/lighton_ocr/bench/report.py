"""The report of a sweep, as JSON, with all that is needed to judge and to repeat it."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from lighton_ocr.bench.level import Level, knee
from lighton_ocr.bench.load import ClosedLoop, Load
from lighton_ocr.catalog import Gpu
from lighton_ocr.documents.pages import Encoding
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.version import GPU_HEADER
from lighton_ocr.errors import EndpointError
from lighton_ocr.reading.probe import Probe

RULES = {
    "closed": "the fewest requests in flight that reach 90 % of the best pages/s, among levels "
    "without a failed page",
    "open": "the highest rate without a failed page at which latency does not keep growing, and "
    "with a p95 latency of at most twice that of the lowest such rate",
}
_PACKAGES = ("lighton-ocr", "httpx2", "pypdfium2", "pillow")


@dataclass(frozen=True)
class SpeedSetup:
    """What was measured, and with what.

    `server` is the server's version and `server_gpu` its GPU, None if unknown; `gpu` is what the
    user named, for prices. `drafted_pages` of the `distinct_pages` were sent with a draft.
    """

    command: str
    endpoint: Endpoint
    server: str | None
    server_gpu: str | None
    gpu: Gpu | None
    documents: tuple[str, ...]
    distinct_pages: int
    drafted_pages: int
    encoding: Encoding


@dataclass(frozen=True)
class SpeedReport:
    """A sweep's levels, in the order in which they were run, and its knee."""

    setup: SpeedSetup
    loop: str
    levels: tuple[Level, ...]
    knee: Level | None

    @property
    def verdict(self) -> str:
        """Where the knee is, with its definition, or why there is none."""
        if self.knee:
            return f"{self.knee.load:g}, {RULES[self.loop]}."
        if not any(level.pages for level in self.levels):
            return "none, no page was read."
        if all(level.failures for level in self.levels):
            return "none, pages failed at every level."
        lowest = min(level.load for level in self.levels)
        return (
            f"none, the lowest rate ({lowest:g}) was already too high, or had too few pages to "
            "tell. Try lower rates, or more pages (--requests)."
        )


def report(setup: SpeedSetup, loads: Sequence[Load], levels: Sequence[Level]) -> SpeedReport:
    """Make the report; there may be fewer `levels` than `loads` if the run was interrupted."""
    kind = type(loads[0])
    loop = "closed" if kind is ClosedLoop else "open"
    return SpeedReport(setup, loop, tuple(levels), knee(kind, levels))


def server_version(endpoint: Endpoint) -> str | None:
    """Return vLLM's version; None for other servers."""
    try:
        with Probe(endpoint) as probe:
            return str(probe.get("/version").json()["version"])
    except (EndpointError, ValueError, LookupError, TypeError):
        return None


def server_gpu(endpoint: Endpoint) -> str | None:
    """Return the name of the server's GPU, if it tells."""
    try:
        with Probe(endpoint) as probe:
            return probe.get("/health").headers.get(GPU_HEADER)
    except EndpointError:
        return None


def as_json(report: SpeedReport) -> str:
    """Write the report with date, machine and versions; times are in seconds."""
    setup = report.setup
    gpu = setup.gpu
    return json.dumps(
        {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "command": setup.command,
            "endpoint": setup.endpoint.label,
            "server_version": setup.server,
            "model": setup.endpoint.model.id,
            "server_gpu": setup.server_gpu,
            "gpu": gpu.name if gpu else None,
            "usd_per_hour": round(gpu.price_per_hour, 4) if gpu else None,
            "client": {
                "machine": f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores",
                "python": platform.python_version(),
                "versions": {name: version(name) for name in _PACKAGES},
            },
            "documents": setup.documents,
            "distinct_pages": setup.distinct_pages,
            "drafted_pages": setup.drafted_pages,
            "encoding": setup.encoding,
            "loop": report.loop,
            "levels": [_row(level) for level in report.levels],
            "knee": report.knee.load if report.knee else None,
            "knee_rule": RULES[report.loop],
        },
        indent=2,
        ensure_ascii=False,
    )


def _row(level: Level) -> dict[str, object]:
    figures = {"pages_per_s": level.pages_per_s, "tokens_per_s": level.tokens_per_s}
    return _rounded(asdict(level) | figures)


def _rounded(values: dict[str, object]) -> dict[str, object]:
    return {
        name: round(value, 4)
        if isinstance(value, float)
        else _rounded(value)
        if isinstance(value, dict)
        else value
        for name, value in values.items()
    }
