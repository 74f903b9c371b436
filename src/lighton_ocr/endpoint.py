"""An OpenAI-compatible address that serves one model: all that a reader knows of an engine."""

import ipaddress
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from lighton_ocr.catalog import Model

Engine = Literal["embedded", "vllm"]
# The field of vLLM's `vllm_xargs` that carries a page's draft to our scheduler there.
DRAFT_FIELD = "draft"
# A server that answers with one of these is busy or starting: ask again later.
BUSY_STATUS_CODES = (429, 502, 503, 504, 524)


@dataclass(frozen=True)
class Endpoint:
    """Where pages are sent.

    `base_url` ends in `/v1`; `served_name` is what the server calls the model. `slots` is how many
    pages it takes at once. `engine` is the one of ours that serves, if one does. `enlarges`
    says that it enlarges small pictures by itself (llama.cpp), `is_vllm` that it knows vLLM's own
    fields of a request.
    """

    base_url: str
    model: Model
    served_name: str
    api_key: str | None = field(default=None, repr=False)
    slots: int = 16
    engine: Engine | None = None
    enlarges: bool = False
    is_vllm: bool = False

    @property
    def label(self) -> str:
        """What to call it in results: addresses of our own engines mean nothing later."""
        return self.engine or self.base_url

    @property
    def embedded(self) -> bool:
        """Whether it reads on this machine's processor."""
        return self.engine == "embedded"

    @property
    def heeds_environment(self) -> bool:
        """Whether the environment's proxies count: not for a server on this machine."""
        return not is_loopback(self.base_url)

    @property
    def keeps_connections(self) -> bool:
        """Whether a connection serves one page after another.

        llama.cpp closes it when a stream is over and does not say so: a page on its way in that
        moment would be lost.
        """
        return not self.enlarges


def is_loopback(url: str) -> bool:
    """Whether a URL names this very machine."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
