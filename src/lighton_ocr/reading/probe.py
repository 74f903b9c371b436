"""Plain HTTP requests to an endpoint, where the status code is the result."""

from dataclasses import replace
from typing import Any, Self

import httpx2

from lighton_ocr._http import check_redirect
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import EndpointError
from lighton_ocr.reading.client import TIMEOUT


class Probe:
    """Sends requests to one endpoint; use it inside `with`. Paths start at the server's root."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        # Modal answers a request that has waited too long with a redirect to itself.
        self._http = httpx2.Client(
            timeout=TIMEOUT,
            follow_redirects=True,
            trust_env=endpoint.uses_proxy,
            event_hooks={"response": [check_redirect]},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, key: str | None = None) -> httpx2.Response:
        """Send a GET request with the endpoint's key, or with another one."""
        return self._send("GET", path, None, key)

    def chat(
        self, content: list[dict[str, Any]], max_tokens: int, key: str | None = None
    ) -> httpx2.Response:
        """Ask for a chat completion of one message, not streamed, at temperature 0."""
        body: dict[str, Any] = {
            "model": self.endpoint.served_name,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": max_tokens,
            "temperature": 0,
        }
        if self.endpoint.model.template_kwargs:
            body["chat_template_kwargs"] = self.endpoint.model.template_kwargs
        return self._send("POST", "/v1/chat/completions", body, key)

    def _send(
        self, method: str, path: str, body: dict[str, Any] | None, key: str | None
    ) -> httpx2.Response:
        endpoint = self.endpoint if key is None else replace(self.endpoint, api_key=key)
        url = endpoint.root_url + path
        try:
            return self._http.request(
                method, url, json=body, headers=endpoint.headers, params=dict(endpoint.query)
            )
        except httpx2.HTTPError as error:
            raise EndpointError(
                f"{url} cannot be reached any more ({type(error).__name__})"
            ) from None
