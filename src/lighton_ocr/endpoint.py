"""An OpenAI-compatible address that serves one model: all that a reader knows of an engine."""

import ipaddress
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from lighton_ocr.catalog import Model

Engine = Literal["embedded", "vllm"]  # the engines that we can start
Software = Literal["llama.cpp", "vllm"]  # the servers that we treat specially
# The field of vLLM's `vllm_xargs` that carries a page's draft text to our scheduler.
DRAFT_FIELD = "draft"
# A server that answers with one of these is busy or starting: ask again later.
BUSY_STATUS_CODES = (429, 502, 503, 504, 524)


@dataclass(frozen=True)
class Endpoint:
    """Where pages are sent.

    `base_url` ends in `/v1`; `served_name` is what the server calls the model. `slots` is how many
    pages it reads at once. `software` is the kind of server, None if it is of another kind;
    `managed` says that we started it. `query` is sent with every request, for gateways.
    `precision` is that of the weights (Q8_0, bf16, fp16), None if the server does not report it.
    """

    base_url: str
    model: Model
    served_name: str
    api_key: str | None = field(default=None, repr=False)
    slots: int = 16
    software: Software | None = None
    managed: bool = False
    query: tuple[tuple[str, str], ...] = ()
    precision: str | None = None

    @property
    def label(self) -> str:
        """What to call it in results: the addresses of engines that we started mean nothing later.

        `embedded`, `vllm`, or the base URL.
        """
        if not self.managed:
            return self.base_url
        return "embedded" if self.is_embedded else str(self.software)

    @property
    def is_embedded(self) -> bool:
        """Whether it reads on this machine's CPU, started by us."""
        return self.managed and self.software == "llama.cpp"

    @property
    def is_vllm(self) -> bool:
        """Whether the server takes vLLM's own request fields."""
        return self.software == "vllm"

    @property
    def root_url(self) -> str:
        """The server's address without `/v1`."""
        return self.base_url.removesuffix("/v1")

    @property
    def headers(self) -> dict[str, str]:
        """The headers that a plain HTTP request needs."""
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    @property
    def uses_proxy(self) -> bool:
        """Whether the environment's proxy settings apply: not for a server on this machine."""
        return not is_loopback(self.base_url)

    @property
    def enlarges_images(self) -> bool:
        """Whether the server enlarges small images by itself, as llama.cpp does."""
        return self.software == "llama.cpp"

    @property
    def keeps_connections(self) -> bool:
        """Whether one connection may carry several pages.

        llama.cpp closes it after a stream without saying so: a page sent in that moment would be
        lost.
        """
        return self.software != "llama.cpp"


def is_loopback(url: str) -> bool:
    """Whether a URL names this very machine."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def is_nearby(url: str) -> bool:
    """Whether a URL names this machine, or another one by an address of a private network."""
    with suppress(ValueError):
        return ipaddress.ip_address(urlsplit(url).hostname or "").is_private
    return is_loopback(url)
