"""Measure how fast an endpoint reads: load, latency, the server's own figures, and what it costs.

Everything goes through the product's own client, one try a page. Pages are rendered and encoded
before a clock starts, and no page is sent twice, so that no cache of the server's can help.
"""

from lighton_ocr.bench.level import Level
from lighton_ocr.bench.load import Closed, Load, Open
from lighton_ocr.bench.page_source import PageSource
from lighton_ocr.bench.sweep import sweep

__all__ = ["Closed", "Level", "Load", "Open", "PageSource", "sweep"]
