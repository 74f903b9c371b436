"""Measure how fast an endpoint reads: throughput, latency, the server's own metrics, and cost.

Requests go through the same client as `read`, with one attempt per page. Pages are rendered and
encoded before the clock starts, and no page is sent twice, so caches of the server do not help.
"""

from lighton_ocr.bench.level import Level
from lighton_ocr.bench.load import ClosedLoop, Load, OpenLoop
from lighton_ocr.bench.page_source import PageSource
from lighton_ocr.bench.sweep import sweep

__all__ = ["ClosedLoop", "Level", "Load", "OpenLoop", "PageSource", "sweep"]
