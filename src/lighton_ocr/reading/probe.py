"""Plain HTTP to an endpoint, for requests that no reader would send; status codes are results."""

from typing import Any, Self

import httpx2

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import EndpointError
from lighton_ocr.reading.client import TIMEOUT


class Probe:
    """Asks one endpoint; use it inside `with`. Paths are relative to the server's root."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._root = endpoint.base_url.removesuffix("/v1")
        # Modal answers a request that has waited too long with a redirect to wait on.
        self._http = httpx2.Client(
            timeout=TIMEOUT, follow_redirects=True, trust_env=endpoint.heeds_environment
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, key: str | None = None) -> httpx2.Response:
        """GET with the endpoint's key, or with another one."""
        return self._send("GET", path, None, key)

    def chat(
        self, content: list[dict[str, Any]], max_tokens: int, key: str | None = None
    ) -> httpx2.Response:
        """A chat completion with one message of these parts, not streamed, not sampled."""
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
        key = self.endpoint.api_key if key is None else key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            return self._http.request(method, self._root + path, json=body, headers=headers)
        except httpx2.HTTPError as error:
            raise EndpointError(
                f"{self._root}{path} cannot be reached any more ({type(error).__name__})"
            ) from None
