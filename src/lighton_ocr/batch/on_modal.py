"""A batch on Modal: shards go to the deployed app, their results come back through a volume."""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from lighton_ocr._extras import missing
from lighton_ocr._files import write_atomically
from lighton_ocr._text import pluralize
from lighton_ocr.batch.modal_worker import DOCUMENTS, RESULTS
from lighton_ocr.batch.shards import Shard
from lighton_ocr.batch.worker_pool import DocumentLost, ShardLost
from lighton_ocr.catalog import Model
from lighton_ocr.deployment.settings import BATCH_CLASS, BATCH_VOLUME, Settings
from lighton_ocr.deployment.shard_limits import MAX_PAGES, shard_pages
from lighton_ocr.errors import AccessDenied, EndpointError, EndpointGone

_UPLOADS = 4  # shards whose documents travel at a time
_NAME = "name"  # the file that holds this batch's name on the volume
_PENDING = "*.json"


@dataclass(frozen=True)
class Away:
    """What was sent and not collected; `shards_read` is None if Modal cannot be asked."""

    shards: int
    pages: int
    shards_read: int | None

    def describe(self) -> str:
        """Half a sentence for people."""
        done = f"{self.shards_read:,}" if self.shards_read is not None else "an unknown number"
        pages, shards = pluralize(self.pages, "page"), pluralize(self.shards, "shard")
        return f"{pages} in {shards}, {done} of them read: the same command collects"


class ModalPool:
    """Containers of the app that `make deploy` made.

    Every shard that is sent leaves a file beside the journal, with the name of its call, so that
    this process may end at any moment and the next one collects.
    """

    shard_pages = MAX_PAGES
    most_shards = 10_000  # Modal queues a million

    def __init__(self, app: str, reader: Any, volume: Any, state: Path) -> None:
        self.label = f"Modal, {app}"
        self._reader = reader
        self._volume = volume
        self._folder = state / "modal"
        self._batch = _name(self._folder)
        self._uploading = asyncio.Semaphore(_UPLOADS)

    @classmethod
    def find(cls, model: Model, state: Path) -> Self:
        """Look the deployed app up.

        Raises:
            UsageError: Modal's client is not installed.
            AccessDenied: it is not signed in.
            EndpointError: the app is not deployed, or Modal cannot be reached.
        """
        modal = _client()
        app = Settings.from_env({"MODEL": model.id}).app_name
        try:
            shards = modal.Cls.from_name(app, BATCH_CLASS)
            shards.hydrate()
            pool = cls(app, shards().read, _volume(), state)
        except modal.exception.AuthError:
            raise AccessDenied("Modal's client is not signed in. Run: modal setup") from None
        except modal.exception.NotFoundError:
            raise EndpointError(
                f"There is no app {app} on Modal that reads batches. Run: make deploy "
                f"MODEL={model.aliases[0]}"
            ) from None
        except modal.exception.Error as error:
            raise EndpointError(f"Modal cannot be reached: {error}.") from None
        pool.shard_pages = min(pool.shard_pages, shard_pages(model))
        return pool

    def pending_shards(self) -> Sequence[Shard]:
        """See `WorkerPool`."""
        return list(_pending(self._folder))

    async def read(self, shard: Shard, files: Mapping[str, Path]) -> str:
        """See `WorkerPool`. The call goes on at Modal if this is cancelled."""
        record = self._record(shard)
        call = json.loads(record.read_text())["call"] if record.exists() else None
        try:
            return await self._collect(shard, call or await self._send(shard, files))
        except ShardLost:
            record.unlink(missing_ok=True)
            raise

    async def acknowledge(self, shard: Shard) -> None:
        """See `WorkerPool`."""
        self._record(shard).unlink(missing_ok=True)

    async def finish(self) -> None:
        """Remove what this batch has on the volume, if nothing is awaited any more."""
        if any(self._folder.glob(_PENDING)):
            return
        try:
            await self._volume.remove_file.aio(self._batch, recursive=True)
        except FileNotFoundError:
            pass  # nothing was sent
        except _client().exception.Error as error:
            raise EndpointGone(
                f"Modal cannot be reached: {error}. All is collected: the same command removes "
                "what is left there."
            ) from None

    def _record(self, shard: Shard) -> Path:
        return self._folder / f"{shard.key}.json"

    async def _send(self, shard: Shard, files: Mapping[str, Path]) -> str:
        # Kept before it is sent: who starts again after a kill sends the very same shard, and a
        # container that finds its results has nothing to do.
        self._keep(shard, None)
        try:
            await self._upload(files)
            call = await self._reader.spawn.aio(self._batch, shard.dumps())
        except (_client().exception.Error, OSError) as error:
            raise EndpointGone(
                f"Modal does not take pages: {error}. What was read is kept: the same command goes "
                "on."
            ) from None
        self._keep(shard, call.object_id)
        return str(call.object_id)

    async def _upload(self, files: Mapping[str, Path]) -> None:
        try:
            async with self._uploading, self._volume.batch_upload(force=True) as upload:
                for content, path in files.items():
                    path.open("rb").close()  # Modal's client logs a traceback for each that is gone
                    upload.put_file(path, f"{self._batch}/{DOCUMENTS}/{content}")
        except asyncio.CancelledError:
            # Modal's client goes on with parts of an upload, and asyncio would tell of each, with a
            # traceback, when they are ended with the process.
            logging.getLogger("asyncio").setLevel(logging.CRITICAL)
            raise
        except OSError as error:
            for content, path in files.items():
                if error.filename == str(path):
                    raise DocumentLost(content, path, error) from None
            raise

    def _keep(self, shard: Shard, call: str | None) -> None:
        # Whoever may see results may see this: passwords come with the pages of the next run.
        sent = shard.with_passwords({}).dumps()
        write_atomically(self._record(shard), json.dumps({"shard": sent, "call": call}))

    async def _collect(self, shard: Shard, call: str) -> str:
        modal = _client()
        path = f"{self._batch}/{RESULTS}/{shard.key}.jsonl"
        try:
            await modal.FunctionCall.from_id(call).get.aio()
        except _outages() as error:
            raise _gone(error) from None
        except modal.exception.OutputExpiredError:
            pass  # after a week; what was read is on the volume all the same
        except Exception as fault:
            name = type(fault).__name__
            raise ShardLost(
                f"Its shard failed on Modal ({name}: {fault}). `make logs` says more."
            ) from None
        try:
            return b"".join([part async for part in self._volume.read_file.aio(path)]).decode()
        except FileNotFoundError:
            raise ShardLost("Its shard's results are not on Modal's volume any more.") from None
        except (modal.exception.Error, OSError) as error:
            raise _gone(error) from None


def find_away(state: Path) -> Away | None:
    """What a batch has on Modal, if anything; asks Modal how much of it is read."""
    folder = state / "modal"
    shards = list(_pending(folder))
    if not shards:
        return None
    try:
        read: int | None = len(_list_results(folder) & {shard.key for shard in shards})
    except EndpointError:
        read = None
    return Away(len(shards), sum(shard.pages for shard in shards), read)


def _list_results(folder: Path) -> set[str]:
    modal = _client()
    try:
        listed = _volume().listdir(f"{_name(folder)}/{RESULTS}")
    except (FileNotFoundError, modal.exception.NotFoundError):
        return set()
    except modal.exception.Error as error:
        raise EndpointError(f"Modal cannot be reached: {error}.") from None
    return {Path(entry.path).stem for entry in listed}


def _pending(folder: Path) -> list[Shard]:
    shards = []
    for record in sorted(folder.glob(_PENDING)):
        with suppress(FileNotFoundError):  # collected meanwhile, by the batch that is asked about
            shards.append(Shard.loads(json.loads(record.read_text())["shard"]))
    return shards


def _name(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _NAME
    if not path.exists():
        write_atomically(path, secrets.token_hex(8))
    return path.read_text()


def _outages() -> tuple[type[Exception], ...]:
    """What says that Modal cannot be asked now, and nothing of the call that was asked about."""
    known = _client().exception
    return (
        known.ConnectionError,
        known.ServiceError,
        known.InternalError,
        known.ResourceExhaustedError,
        known.AuthError,
    )


def _gone(error: Exception) -> EndpointGone:
    return EndpointGone(
        f"Modal cannot be reached: {error}. It reads on: the same command collects."
    )


def _client() -> Any:
    try:
        import modal
    except ImportError:
        raise missing("Modal's client is not installed", "modal") from None
    return modal


def _volume() -> Any:
    return _client().Volume.from_name(BATCH_VOLUME, create_if_missing=True, version=2)
