"""What can go wrong, as a tree. Everything lighton-ocr raises on purpose is in it.

    LightonOcrError
    ├── UsageError           a flag, a setting or a page range that makes no sense
    ├── DocumentError        an input that cannot be opened or read as pages
    │   ├── PasswordNeeded   an encrypted PDF, without the right password
    │   └── PageError        one page of a good document
    ├── OutputError          a result that cannot be written
    ├── TooManyFailures      a batch that goes wrong, and is stopped
    └── EndpointError        nobody to read pages
        ├── AccessDenied     the endpoint refuses the key
        ├── ModelMissing     the endpoint does not serve that model
        ├── RequestRefused   the endpoint refuses a page's request for good
        ├── EndpointGone     nobody has answered for too long in the middle of a batch
        ├── WeightsMissing   the model's files are not here and cannot be fetched
        └── EngineFailed     an engine of our own did not come up, or died

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


class PageError(DocumentError):
    """One page of a good document that cannot be rendered."""

    exit_code = 1


class OutputError(LightonOcrError):
    """A result that cannot be written."""


class TooManyFailures(LightonOcrError):
    """A batch in which so much fails that going on would waste what it costs."""

    exit_code = 1


class EndpointError(LightonOcrError):
    """Nobody to read pages: unreachable, starting for too long, or broken."""

    exit_code = 3


class AccessDenied(EndpointError):
    """The endpoint refuses the key."""


class ModelMissing(EndpointError):
    """The endpoint does not serve the model that was asked for."""


class RequestRefused(EndpointError):
    """The endpoint refuses a page's request, and would refuse it again."""


class EndpointGone(EndpointError):
    """The endpoint answered once, and has not for too long."""


class WeightsMissing(EndpointError):
    """The model's files are not on this machine and cannot be fetched."""


class EngineFailed(EndpointError):
    """An engine of our own did not come up, or died."""
