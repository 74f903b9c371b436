"""Download documents from the web."""

import re
import time
from dataclasses import dataclass
from typing import BinaryIO

from lighton_ocr.errors import DocumentError


@dataclass(frozen=True)
class FetchLimits:
    """Bounds on a download: `seconds` in all, `stall_seconds` without a byte, and bytes in all."""

    seconds: float = 300.0
    stall_seconds: float = 30.0
    bytes: int = 1 << 30


def is_url(argument: str) -> bool:
    """Return whether it is a web address."""
    return argument.lower().startswith(("http://", "https://"))


def without_password(url: str) -> str:
    """Return a web address without the user and password that it may have, to be shown."""
    return re.sub(r"(?i)^(https?://)[^/?#]*@", r"\1", url)


def download(url: str, file: BinaryIO, limits: FetchLimits) -> None:
    """Download an http(s) address into a file.

    Raises:
        DocumentError: it cannot be downloaded, or exceeds the limits.
    """
    import httpx2

    name = without_password(url)
    timeout = httpx2.Timeout(limits.stall_seconds, connect=min(10.0, limits.stall_seconds))
    end = time.monotonic() + limits.seconds
    size = 0
    try:
        with (
            httpx2.Client(timeout=timeout, follow_redirects=True, max_redirects=10) as client,
            client.stream("GET", url) as response,
        ):
            response.raise_for_status()
            for chunk in response.iter_bytes():
                size += file.write(chunk)
                if size > limits.bytes:
                    raise DocumentError(
                        f"{name} is larger than {limits.bytes >> 20} MiB. Download it and read the "
                        "file instead."
                    )
                if time.monotonic() > end:
                    raise DocumentError(
                        f"{name} takes longer than {limits.seconds:.0f} seconds. Download it and "
                        "read the file instead."
                    )
    except httpx2.TimeoutException:
        raise DocumentError(
            f"{name} does not answer (nothing for {limits.stall_seconds:g} seconds). Try again, or "
            "download it and read the file."
        ) from None
    except httpx2.TooManyRedirects:
        raise DocumentError(
            f"{name} redirects too many times. Open it in a browser first."
        ) from None
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        raise DocumentError(f"{name} answers with HTTP status {status}.") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        why = re.sub(r"^\[Errno -?\d+\] ", "", str(error)).rstrip(".")
        raise DocumentError(f"{name} cannot be fetched: {why}.") from None
