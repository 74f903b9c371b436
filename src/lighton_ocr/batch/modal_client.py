"""Modal's client as a batch uses it: the deployed class, the volume, and what its errors mean."""

import logging
import traceback
from pathlib import Path
from typing import Any

from lighton_ocr._extras import missing
from lighton_ocr.catalog import Model
from lighton_ocr.deployment.settings import BATCH_CLASS, BATCH_VOLUME, app_name
from lighton_ocr.errors import AccessDenied, EndpointError


def import_modal() -> Any:
    """Return Modal's client, as a module.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import modal
    except ImportError:
        raise missing("Modal's client is not installed", "modal") from None
    return modal


def open_volume() -> Any:
    """Return the volume of all batches; it is created when it is first used."""
    return import_modal().Volume.from_name(BATCH_VOLUME, create_if_missing=True, version=2)


def find_app(model: Model) -> tuple[str, Any]:
    """Return the name of the deployed app that reads with a model, and its method for shards.

    Raises:
        UsageError: Modal's client is not installed.
        AccessDenied: it is not signed in.
        EndpointError: the app is not deployed, or Modal cannot be reached.
    """
    modal = import_modal()
    app = app_name(model)
    try:
        shards = modal.Cls.from_name(app, BATCH_CLASS)
        shards.hydrate()
        return app, shards().read
    except modal.exception.AuthError:
        raise AccessDenied("Modal's client is not signed in. Run: modal setup") from None
    except modal.exception.NotFoundError:
        name = f"{model.id} LIKE={model.like}" if model.like else model.aliases[0]
        raise EndpointError(
            f"There is no app {app} on Modal that reads batches. Run: make deploy MODEL={name}"
        ) from None
    except modal.exception.Error as error:
        raise EndpointError(f"Modal cannot be reached: {error}.") from None


def outages() -> tuple[type[Exception], ...]:
    """Return the errors of Modal itself, which say nothing about the call that was waited for."""
    known = import_modal().exception
    return (
        known.ConnectionError,
        known.ServiceError,
        known.InternalError,
        known.ResourceExhaustedError,
        known.AuthError,
    )


def silence_abandoned_tasks() -> None:
    """Keep asyncio from logging what Modal's client leaves unfinished after a cancelled upload.

    The client continues parts of the upload, which then fail when this process ends. Records about
    anything else are logged as before.
    """
    logging.getLogger("asyncio").addFilter(_is_not_from_modal)


def _is_not_from_modal(record: logging.LogRecord) -> bool:
    folder = str(Path(import_modal().__file__).parent)
    error = record.exc_info[1] if record.exc_info else None
    # The file is in the traceback, or in the description of the task.
    text = record.getMessage() + "".join(traceback.format_exception(error) if error else [])
    return folder not in text
