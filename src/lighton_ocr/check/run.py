"""All checks of an endpoint, in order: the first failure is usually the cause of others."""

import asyncio
from collections.abc import Callable

from lighton_ocr.check.page import (
    PageText,
    check_every_word,
    check_one_image,
    check_read,
    check_same,
    check_sizes,
    check_text,
    read_streamed,
    read_whole,
)
from lighton_ocr.check.result import CheckReport, CheckResult, Finding, failed
from lighton_ocr.check.server import (
    check_authentication,
    check_closed_routes,
    check_gpu,
    check_health,
    check_lighton_ocr_version,
    check_model,
    check_vllm_version,
)
from lighton_ocr.documents import Document, add_draft
from lighton_ocr.documents.pages import Geometry, encode
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import EndpointError
from lighton_ocr.reading.probe import Probe


def run_checks(
    endpoint: Endpoint,
    document: Document,
    index: int = 0,
    *,
    stream: bool = True,
    every_word: bool = False,
    on_result: Callable[[CheckResult], None] = lambda _: None,
) -> CheckReport:
    """Check an endpoint with one page (index from 0) of a document.

    Without `stream`, the page is read only without streaming, and no speed is measured. With
    `every_word`, no word of the PDF's own text may differ, otherwise half of them. `on_result`
    gets each result as it comes. If the server breaks off a request, that check has failed, and the
    next one follows.

    Raises:
        PageError: the page cannot be rendered.
    """
    page = document.render(index, Geometry.of(endpoint))
    with Probe(endpoint) as probe:
        run = _CheckRun(on_result)
        run.ask("health", lambda: check_health(probe))
        run.ask("model", lambda: check_model(probe))
        run.ask("vLLM version", lambda: check_vllm_version(probe))
        run.ask("lighton-ocr version", lambda: check_lighton_ocr_version(probe))
        run.ask("GPU", lambda: check_gpu(probe))
        run.ask("authentication", lambda: check_authentication(probe))
        run.ask("closed routes", lambda: check_closed_routes(probe))
        encoded = encode(add_draft(page, document))
        streamed = whole = None
        if stream:
            streamed = run.read("streaming", lambda: asyncio.run(read_streamed(probe, encoded)))
        tokens = streamed.completion_tokens if streamed else None
        whole = run.read("not streaming", lambda: read_whole(probe, encoded, tokens))
        if read := streamed or whole:
            compare = check_every_word if every_word else check_text
            run.ask("text", lambda: compare(read, document.text_layer(index)))
        if streamed and whole:
            run.ask("same text", lambda: check_same(streamed, whole))
        run.ask("one image", lambda: check_one_image(probe, encoded))
        run.ask("image sizes", lambda: check_sizes(probe, page))
    return CheckReport(
        endpoint=endpoint.label,
        model=endpoint.served_name,
        results=tuple(run.results),
        seconds_to_first_token=streamed.first_token_seconds if streamed else None,
        tokens_per_second=streamed.tokens_per_second if streamed else None,
        text=read.text if read else "",
    )


class _CheckRun:
    """Collects results; an error of the endpoint is one of them."""

    def __init__(self, on_result: Callable[[CheckResult], None]) -> None:
        self.results: list[CheckResult] = []
        self._on_result = on_result

    def ask(self, check: str, question: Callable[[], Finding]) -> None:
        """Run one check and record its result."""
        try:
            finding = question()
        except EndpointError as error:
            finding = failed(str(error))
        except (ValueError, LookupError, TypeError):  # not JSON, or not as in OpenAI's API
            finding = failed("the answer is not that of an OpenAI-compatible server")
        result = CheckResult(check, finding.outcome, finding.found)
        self.results.append(result)
        self._on_result(result)

    def read(self, check: str, read: Callable[[], PageText]) -> PageText | None:
        """Read the page, which is a check of its own; return None if it cannot be read."""
        pages: list[PageText] = []

        def question() -> Finding:
            pages.append(read())
            return check_read(pages[0])

        self.ask(check, question)
        return pages[0] if pages else None
