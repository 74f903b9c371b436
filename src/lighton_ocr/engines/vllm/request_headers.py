"""The limit on the size of a request's headers, which HTTP servers leave to applications."""

from lighton_ocr.engines.vllm.refusal import Message, Refused

MAX_HEADER_BYTES = 32 << 10


def check_headers(scope: Message) -> None:
    """Check the size of a request's headers.

    Raises:
        Refused: they are too large (431).
    """
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
        raise Refused(431, f"The headers are larger than {MAX_HEADER_BYTES >> 10} KiB.")
