"""Metrics for Prometheus: requests, pages, and what is waiting."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from lighton_ocr.reading.results import PageResult
from lighton_ocr.server.fair_queue import FairQueue

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250)


class Metrics:
    """The counters of one server."""

    def __init__(self, queue: FairQueue) -> None:
        self._registry = CollectorRegistry()
        self._pages = Counter(
            "lighton_ocr_pages", "Pages read", ["finish"], registry=self._registry
        )
        self._attempts = Counter(
            "lighton_ocr_attempts", "Requests sent for pages", registry=self._registry
        )
        self._tokens = Counter(
            "lighton_ocr_output_tokens",
            "Tokens of the texts that were kept",
            registry=self._registry,
        )
        self._seconds = Histogram(
            "lighton_ocr_page_seconds",
            "Time to read a page, including retries",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._responses = Counter(
            "lighton_ocr_responses", "Responses", ["status"], registry=self._registry
        )
        for name, help, value in (
            ("requests_in_progress", "Requests being read or waiting", lambda: queue.admitted),
            ("pages_in_flight", "Pages at the endpoint", lambda: queue.in_flight),
            ("requests_waiting", "Requests whose next page is waiting", lambda: queue.waiting),
        ):
            gauge = Gauge(f"lighton_ocr_{name}", help, registry=self._registry)
            gauge.set_function(value)

    def count_page(self, page: PageResult) -> None:
        """Count a page that is done."""
        self._pages.labels(page.finish).inc()
        self._attempts.inc(len(page.attempts))
        self._tokens.inc(page.completion_tokens)
        self._seconds.observe(page.seconds)

    def count_response(self, status: int) -> None:
        """Count a response."""
        self._responses.labels(str(status)).inc()

    def text(self) -> bytes:
        """Return all counters in Prometheus' text format."""
        return generate_latest(self._registry)
