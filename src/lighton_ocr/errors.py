"""The errors that lighton-ocr raises on purpose, as one tree.

    LightonOcrError
    ├── UsageError           a flag, a setting or a page range that makes no sense
    ├── DocumentError        an input that cannot be opened or read as pages
    │   ├── PasswordNeeded   an encrypted PDF, without the right password
    │   ├── UnknownFormat    neither a PDF nor an image
    │   └── PageError        one page of a good document
    ├── OutputError          a result that cannot be written
    ├── TooManyFailures      a batch that was stopped because too much failed
    └── EndpointError        no endpoint available
        ├── AccessDenied     the endpoint refuses the key
        ├── ModelMissing     the endpoint does not serve that model
        ├── RequestRefused   the endpoint refuses a page, and would refuse it again
        ├── RequestFailed    no answer, or half of one; another attempt may succeed
        │   └── EndpointBusy the endpoint takes no more requests for now
        ├── EndpointGone     the endpoint has not answered for too long during a batch
        ├── WeightsMissing   the model's files are not here and cannot be downloaded
        └── EngineFailed     an engine that we started did not come up, or died

Each message says what happened, to which file and page, and what to do next.
"""


class LightonOcrError(Exception):
    """Base of all errors; `exit_code` is what the command line returns for it."""

    exit_code = 2


class UsageError(LightonOcrError):
    """A flag, a setting or a page range that makes no sense."""


class DocumentError(LightonOcrError):
    """An input that cannot be opened or read as pages."""


class PasswordNeeded(DocumentError):
    """An encrypted PDF, without the right password."""


class UnknownFormat(DocumentError):
    """An input that is neither a PDF nor an image."""


class PageError(DocumentError):
    """One page of a good document that cannot be rendered."""

    exit_code = 1


class OutputError(LightonOcrError):
    """A result that cannot be written."""


class TooManyFailures(LightonOcrError):
    """A batch that was stopped because more pages failed than it allows."""

    exit_code = 1


class EndpointError(LightonOcrError):
    """No endpoint available: unreachable, starting for too long, or broken."""

    exit_code = 3


class AccessDenied(EndpointError):
    """The endpoint refuses the key."""


class ModelMissing(EndpointError):
    """The endpoint does not serve the model that was asked for."""


class RequestRefused(EndpointError):
    """The endpoint refuses a page's request, and would refuse it again."""


class RequestFailed(EndpointError):
    """There was no answer, or half of one; another attempt may succeed."""


class EndpointBusy(RequestFailed):
    """The endpoint takes no more requests for now, is starting, silent, or unreachable.

    `retry_after` is how long it asked to wait, in seconds.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EndpointGone(EndpointError):
    """The endpoint answered once, and has not answered for too long."""


class WeightsMissing(EndpointError):
    """The model's files are not on this machine and cannot be downloaded."""


class EngineFailed(EndpointError):
    """An engine that we started did not come up, or died."""
