"""Fetch a document from the public internet for a client, and from nowhere else.

The host name is resolved once, and the connection goes to the address that was checked, so a name
that resolves differently later has no effect. Redirects are followed by the same rules.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import httpx2

from lighton_ocr.documents.web import FetchLimits
from lighton_ocr.engines.vllm.refusal import Refused

_REDIRECTS = 5
_PORTS = (80, 443, 8000, 8080, 8443)
_IPV6_UNICAST = ipaddress.ip_network("2000::/3")
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: IpAddress) -> bool:
    """Whether an address is on the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if (mapped := address.ipv4_mapped or address.sixtofour) is not None:
            return is_public(mapped)
        # Others lead to IPv4 addresses, as NAT64's do, or are local in old networks.
        if address not in _IPV6_UNICAST:
            return False
    return address.is_global and not address.is_multicast


class UrlFetcher:
    """Downloads http(s) addresses whose hosts `allows` accepts, within limits."""

    def __init__(
        self, limits: FetchLimits, allows: Callable[[IpAddress, int], bool] | None = None
    ) -> None:
        self._limits = limits
        self._allows = allows or (lambda address, port: is_public(address) and port in _PORTS)

    async def fetch(self, url: str, path: Path) -> None:
        """Download an address to a new file.

        Raises:
            Refused: it may not be fetched, cannot be fetched, or is too large (422).
        """
        timeout = httpx2.Timeout(self._limits.stall_seconds, connect=10.0)
        try:
            async with (
                asyncio.timeout(self._limits.seconds),
                # No proxy: it would look up the name once more.
                httpx2.AsyncClient(timeout=timeout, trust_env=False) as client,
            ):
                for _ in range(_REDIRECTS + 1):
                    target = await self._get(client, url, path)
                    if target is None:
                        return
                    url = target
        except (TimeoutError, httpx2.TimeoutException):
            raise _refused(url, "takes too long") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            raise _refused(url, f"cannot be fetched ({type(error).__name__})") from None
        raise _refused(url, "redirects too often")

    async def _get(self, client: httpx2.AsyncClient, url: str, path: Path) -> str | None:
        """Write what is there to the file, or return where it redirects to."""
        asked = httpx2.URL(url)
        pinned, extra = await self._pin(asked)
        async with client.stream("GET", pinned, **extra) as response:
            if response.is_redirect:
                return str(asked.join(response.headers.get("location", "")))
            if response.status_code != 200:
                raise _refused(url, f"answers {response.status_code}")
            size = 0
            async with await anyio.open_file(path, "wb") as file:
                async for chunk in response.aiter_raw():
                    size += len(chunk)
                    if size > self._limits.bytes:
                        raise _refused(url, f"is larger than {self._limits.bytes >> 20} MiB")
                    await file.write(chunk)
        return None

    async def _pin(self, url: httpx2.URL) -> tuple[httpx2.URL, dict[str, Any]]:
        """Return the same address with its host's checked number, and what the request needs."""
        if url.scheme not in ("http", "https") or not url.host:
            raise _refused(str(url), "is not an http(s) address")
        port = url.port or (443 if url.scheme == "https" else 80)
        found: list[Any] = []
        with suppress(OSError, UnicodeError):
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(entry[4][0].partition("%")[0]) for entry in found]
        if not addresses:
            raise _refused(str(url), "cannot be found")
        if not all(self._allows(address, port) for address in addresses):
            raise _refused(str(url), "is not on the public internet")
        headers = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"}
        extensions = {"sni_hostname": url.host}
        pinned = url.copy_with(host=str(addresses[0]), username=None, password=None)
        return pinned, {"headers": headers, "extensions": extensions}


def _refused(url: str, why: str) -> Refused:
    return Refused(422, f"{url[:200]} {why}.", "document")
