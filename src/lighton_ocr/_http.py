"""HTTP to servers that may be broken or hostile: limits, redirects, and errors in plain words."""

import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx2

from lighton_ocr._unpacking import unpack_body
from lighton_ocr.errors import (
    EndpointBusy,
    EndpointError,
    RequestFailed,
    RequestRefused,
    UsageError,
)

MAX_ANSWER_BYTES = 64 << 20  # the longest answer takes about 16 MiB, at one event for each token
MAX_LINE_BYTES = 8 << 20  # of one event, or of a whole answer that is not streamed
MAX_LIST_BYTES = 1 << 20  # of a list of models
_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
_CLOSED = (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)


async def guard_response(response: httpx2.Response) -> None:
    """Bound an answer's size, and refuse redirects to another host: a hook for async clients.

    Raises:
        RequestRefused: the server redirects to another host, which would get the page.
        RequestFailed: the answer is compressed in a way that cannot be unpacked here.
    """
    check_redirect(response)
    encoding = response.headers.pop("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise RequestFailed(
            f"the answer is compressed ({encoding}), although that was not requested"
        )
    if isinstance(response.stream, httpx2.AsyncByteStream):
        unpacked = unpack_body(response.stream, may_be_zlib=encoding == "deflate")
        response.stream = _BoundedStream(response.stream, unpacked)


def check_redirect(response: httpx2.Response) -> None:
    """Refuse a redirect to another host.

    Raises:
        RequestRefused: the server redirects to another host, which would get the page.
    """
    target = response.headers.get("location")
    if response.is_redirect and target:
        asked, host = response.request.url.host, response.request.url.join(target).host
        if host != asked:
            raise RequestRefused(
                f"{asked} redirects to another host, {host}, to which no pages are sent"
            )


class _BoundedStream(httpx2.AsyncByteStream):
    """The bytes of an unpacked response, up to the limits of an answer and of a line."""

    def __init__(self, stream: httpx2.AsyncByteStream, unpacked: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self._unpacked = unpacked

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = line = 0
        async for chunk in self._unpacked:
            total += len(chunk)
            end = chunk.rfind(b"\n")
            line = line + len(chunk) if end < 0 else len(chunk) - end - 1
            if total > MAX_ANSWER_BYTES or line > MAX_LINE_BYTES:
                raise RequestFailed("the answer is far longer than a page can be")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def connection_error(where: str, cause: httpx2.HTTPError, timeout_s: float) -> EndpointError:
    """Return the error for a request that got no answer.

    `EndpointBusy` where the server may be starting; otherwise an error that waiting does not mend,
    such as a certificate that is not trusted.
    """
    if isinstance(cause, httpx2.DecodingError):
        return EndpointError(f"{where} sends a compressed answer that cannot be unpacked")
    if lasting := next(filter(None, map(_lasting_fault, _causes(cause))), None):
        return EndpointError(f"{where} {lasting}")
    if isinstance(cause, httpx2.TimeoutException) and not isinstance(cause, httpx2.ConnectTimeout):
        return EndpointBusy(f"{where} did not answer within {timeout_s:.0f} seconds")
    if isinstance(cause, _CLOSED):
        return EndpointBusy(f"{where} closed the connection without an answer")
    return EndpointBusy(f"{where} cannot be reached")


def is_refused(error: BaseException) -> bool:
    """Whether the other machine says that nothing listens there."""
    return any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error))


def _lasting_fault(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"has a certificate that is not trusted: {error.verify_message}. If it is your own, "
            "name its authority's file in SSL_CERT_FILE."
        )
    if isinstance(error, ssl.SSLError):
        return "does not speak TLS. Should the address begin with http://?"
    if isinstance(error, socket.gaierror) and error.errno != socket.EAI_AGAIN:
        return "cannot be found: there is no host of that name. Check the address."
    return None


@contextmanager
def explain_environment() -> Iterator[None]:
    """Wrap the creation of an HTTP client, which reads proxies and certificates.

    Raises:
        UsageError: a variable of the environment is wrong; the message names it.
    """
    try:
        yield
    except (ImportError, ValueError, OSError) as error:
        certificates = os.environ.get("SSL_CERT_FILE")
        if isinstance(error, OSError) and certificates:
            raise UsageError(
                f"SSL_CERT_FILE={certificates} cannot be used: {error.strerror or error}. Unset "
                "it, or name a file of certificates."
            ) from None
        for name in (name for proxy in _PROXIES for name in (proxy, proxy.lower())):
            if value := os.environ.get(name):
                raise UsageError(
                    f"{name}={value} cannot be used as a proxy: {error} Set it to an http:// "
                    "address, or unset it."
                ) from None
        raise


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
