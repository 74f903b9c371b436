"""Log internal errors with their type and place, without anything from a document."""

import logging
import traceback

from lighton_ocr.engines.vllm.refusal import Refused

_LOG = logging.getLogger("uvicorn.error")  # writes to stderr


def log_fault(fault: BaseException) -> Refused:
    """Log an error that should not happen, and return the answer to its request.

    Its message is left out, as it may quote the document.
    """
    frames = traceback.extract_tb(fault.__traceback__)
    where = "".join(f"\n  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
    _LOG.error("Internal error of lighton-ocr: %s%s", type(fault).__name__, where)
    return Refused(500, f"The server has an internal error ({type(fault).__name__}): see its log.")
