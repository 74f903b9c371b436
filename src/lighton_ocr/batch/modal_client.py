"""Modal's client as a batch uses it: the deployed class, the volume, and what its errors mean."""

from typing import Any

from lighton_ocr._extras import missing
from lighton_ocr.catalog import Model
from lighton_ocr.deployment.settings import BATCH_CLASS, BATCH_VOLUME, Settings
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
    app = Settings.from_env({"MODEL": model.id}).app_name
    try:
        shards = modal.Cls.from_name(app, BATCH_CLASS)
        shards.hydrate()
        return app, shards().read
    except modal.exception.AuthError:
        raise AccessDenied("Modal's client is not signed in. Run: modal setup") from None
    except modal.exception.NotFoundError:
        raise EndpointError(
            f"There is no app {app} on Modal that reads batches. Run: make deploy "
            f"MODEL={model.aliases[0]}"
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
