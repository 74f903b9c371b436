"""The figures of one level of load, and the level at the knee."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression, median, quantiles

from lighton_ocr.bench.load import ClosedLoop, Load, OpenLoop, Sample, Window
from lighton_ocr.bench.server_metrics import ServerLoad
from lighton_ocr.catalog import Gpu

_NEAR_BEST = 0.9  # of the best throughput
_MAX_GROWTH = 0.1  # seconds of latency that a second of arrivals may add
_MAX_SLOWDOWN = 2.0  # times the latency at the lowest rate


@dataclass(frozen=True)
class Spread:
    """Percentiles of seconds, linearly interpolated."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Level:
    """The figures of one level of load.

    `load` is the number of requests in flight, or of arriving pages per second. Pages and seconds
    are those of the measured window; `latency` and `first_token` are None without an answer. In an
    open loop, `latency_growth` is the latency that each second of arrivals adds, in seconds (the
    slope of a line through all pages): 0 for a server that keeps up, None if all pages arrived
    within the median latency, which is too short to tell. Tokens are the server's own count, None
    if it did not count them. `usd_per_1000` is GPU time for 1,000 pages at this throughput.
    """

    load: float
    pages: int
    failures: int
    seconds: float
    latency: Spread | None
    latency_growth: float | None
    first_token: Spread | None
    prompt_tokens: float | None
    output_tokens: float | None
    server: ServerLoad | None
    usd_per_1000: float | None
    faults: tuple[str, ...]

    @property
    def pages_per_s(self) -> float:
        """Pages read per second."""
        return self.pages / self.seconds

    @property
    def tokens_per_s(self) -> float | None:
        """Output tokens per second, by the server's count."""
        return None if self.output_tokens is None else self.output_tokens * self.pages_per_s


def summarise(load: Load, window: Window, server: ServerLoad | None, gpu: Gpu | None) -> Level:
    """Compute the figures of a window; `output_tokens` and `prompt_tokens` are means per page."""
    good = [sample for sample in window.samples if sample.fault is None]
    faults = [sample.fault for sample in window.samples if sample.fault is not None]
    seconds = window.end - window.start
    cost = gpu.price_per_second * 1000 * seconds / len(good) if gpu and good else None
    return Level(
        load=load.level,
        pages=len(good),
        failures=len(faults),
        seconds=seconds,
        latency=_spread([sample.end - sample.due for sample in good]),
        latency_growth=_growth(good) if isinstance(load, OpenLoop) else None,
        first_token=_spread([sample.first - sample.due for sample in good if sample.first]),
        prompt_tokens=_mean([sample.prompt_tokens for sample in good]),
        output_tokens=_mean([sample.completion_tokens for sample in good]),
        server=server,
        usd_per_1000=cost,
        faults=tuple(dict.fromkeys(faults)),
    )


def knee(load: type[Load], levels: Sequence[Level]) -> Level | None:
    """Return the best level to run at, or None. Levels with a failed page do not count.

    Closed loop: the fewest requests in flight that reach 90 % of the best throughput; more only
    wait longer. Open loop: the highest rate at which latency does not keep growing (by more than a
    tenth of a second per second) and p95 latency is at most twice that of the lowest such rate;
    beyond it, a queue builds up.
    """
    read = [level for level in levels if level.pages and not level.failures]
    whole = sorted(read, key=lambda level: level.load)
    if load is ClosedLoop:
        best = max((level.pages_per_s for level in whole), default=0.0)
        return next((level for level in whole if level.pages_per_s >= _NEAR_BEST * best), None)
    steady = [level for level in whole if _is_steady(level)]
    calm = [level for level in steady if _p95(level) <= _MAX_SLOWDOWN * _p95(steady[0])]
    return calm[-1] if calm else None


def _p95(level: Level) -> float:
    return level.latency.p95 if level.latency else 0.0


def _is_steady(level: Level) -> bool:
    return level.latency_growth is not None and level.latency_growth <= _MAX_GROWTH


def _growth(read: Sequence[Sample]) -> float | None:
    dues = [sample.due for sample in read]
    latencies = [sample.end - sample.due for sample in read]
    if len(read) < 2 or max(dues) - min(dues) <= median(latencies):
        return None
    return linear_regression(dues, latencies).slope


def _mean(counts: Sequence[int]) -> float | None:
    """Return the mean of the counts but for 0, which means not counted; None if all are 0."""
    if not counts:
        return 0.0
    known = [count for count in counts if count]
    return fmean(known) if known else None


def _spread(values: Sequence[float]) -> Spread | None:
    if not values:
        return None
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    cuts = quantiles(values, n=100, method="inclusive")
    return Spread(cuts[49], cuts[94], cuts[98])
