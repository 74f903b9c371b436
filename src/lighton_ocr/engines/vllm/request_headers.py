"""Checks of a request's headers: their own size, which HTTP servers leave to us, and the body's."""

from lighton_ocr.engines.vllm.refusal import Message, Refused

MAX_HEADER_BYTES = 32 << 10


def check_headers(scope: Message) -> None:
    """Check the size of a request's headers.

    Raises:
        Refused: they are too large (431).
    """
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
        raise Refused(431, f"The headers are larger than {MAX_HEADER_BYTES >> 10} KiB.")


def check_declared_length(scope: Message, most: int) -> None:
    """Check the size of the body as the headers declare it, before it arrives.

    Raises:
        Refused: it has more than `most` bytes (413).
    """
    declared = dict(scope["headers"]).get(b"content-length", b"")
    if declared.isdigit() and (len(declared) > 12 or int(declared) > most):
        raise too_large(most)


def too_large(most: int) -> Refused:
    """Return the answer to a request whose body has more than `most` bytes."""
    return Refused(413, f"The request is larger than {most >> 20} MiB.")
