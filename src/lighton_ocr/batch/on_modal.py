"""A worker pool on Modal: shards go to the deployed app, results come back through a volume."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from lighton_ocr.batch.modal_client import (
    find_app,
    import_modal,
    open_volume,
    outages,
    silence_abandoned_tasks,
)
from lighton_ocr.batch.modal_shards import PendingShards
from lighton_ocr.batch.modal_worker import DOCUMENTS, RESULTS
from lighton_ocr.batch.shards import Shard
from lighton_ocr.batch.worker_pool import DocumentLost, ShardLost
from lighton_ocr.catalog import Model
from lighton_ocr.deployment.shard_limits import MAX_PAGES, shard_pages
from lighton_ocr.errors import EndpointGone

_UPLOADS = 4  # shards whose documents are uploaded at a time


class ModalPool:
    """The containers of the app that `make deploy` made.

    Every shard that is sent is recorded in the state folder with the id of its call, so that this
    process may end at any moment, and the next one collects the results.
    """

    shard_pages = MAX_PAGES
    max_shards = 10_000  # Modal queues a million calls

    def __init__(self, app: str, reader: Any, volume: Any, state: Path) -> None:
        self.label = f"Modal, {app}"
        self._reader = reader
        self._volume = volume
        self._pending = PendingShards(state)
        self._batch = self._pending.batch
        self._uploading = asyncio.Semaphore(_UPLOADS)

    @classmethod
    def find(cls, model: Model, state: Path) -> Self:
        """Find the deployed app that reads with a model.

        Raises:
            UsageError: Modal's client is not installed.
            AccessDenied: it is not signed in.
            EndpointError: the app is not deployed, or Modal cannot be reached.
        """
        app, reader = find_app(model)
        pool = cls(app, reader, open_volume(), state)
        pool.shard_pages = min(pool.shard_pages, shard_pages(model))
        return pool

    def pending_shards(self) -> Sequence[Shard]:
        """See `WorkerPool`."""
        return self._pending.all()

    async def read(self, shard: Shard, files: Mapping[str, Path]) -> str:
        """See `WorkerPool`. If this is cancelled, the call continues on Modal."""
        try:
            call = self._pending.find_call(shard) or await self._send(shard, files)
            return await self._collect(shard, call)
        except ShardLost:
            self._pending.remove(shard)
            raise

    async def acknowledge(self, shard: Shard) -> None:
        """See `WorkerPool`."""
        self._pending.remove(shard)

    async def finish(self) -> None:
        """Remove this batch's files from the volume, unless a shard is still pending."""
        if self._pending.all():
            return
        try:
            await self._volume.remove_file.aio(self._batch, recursive=True)
        except FileNotFoundError:
            pass  # nothing was sent
        except import_modal().exception.Error as error:
            raise EndpointGone(
                f"Modal cannot be reached: {error}. All results are collected; run the same "
                "command again to remove the batch's files from Modal."
            ) from None

    async def _send(self, shard: Shard, files: Mapping[str, Path]) -> str:
        # Recorded before it is sent: after a kill, the next run sends the very same shard, and a
        # container that finds its results has nothing to do.
        self._pending.save(shard, None)
        try:
            await self._upload(files)
            call = await self._reader.spawn.aio(self._batch, shard.to_json())
        except (import_modal().exception.Error, OSError) as error:
            raise EndpointGone(
                f"Modal does not accept pages: {error}. What was read is kept: run the same "
                "command again to resume."
            ) from None
        self._pending.save(shard, call.object_id)
        return str(call.object_id)

    async def _upload(self, files: Mapping[str, Path]) -> None:
        try:
            async with self._uploading, self._volume.batch_upload(force=True) as upload:
                for digest, path in files.items():
                    path.open("rb").close()  # Modal's client logs a traceback if it is gone
                    upload.put_file(path, f"{self._batch}/{DOCUMENTS}/{digest}")
        except asyncio.CancelledError:
            silence_abandoned_tasks()
            raise
        except OSError as error:
            for digest, path in files.items():
                if error.filename == str(path):
                    raise DocumentLost(digest, path, error) from None
            raise

    async def _collect(self, shard: Shard, call: str) -> str:
        modal = import_modal()
        path = f"{self._batch}/{RESULTS}/{shard.key}.jsonl"
        try:
            await modal.FunctionCall.from_id(call).get.aio()
        except outages() as error:
            raise _gone(error) from None
        except modal.exception.OutputExpiredError:
            pass  # after a week; the results are on the volume all the same
        except Exception as error:
            name = type(error).__name__
            raise ShardLost(
                f"Its shard failed on Modal ({name}: {error}). `make logs` shows more."
            ) from None
        try:
            return b"".join([part async for part in self._volume.read_file.aio(path)]).decode()
        except FileNotFoundError:
            raise ShardLost(
                "The results of its shard are not on Modal's volume any more."
            ) from None
        except (modal.exception.Error, OSError) as error:
            raise _gone(error) from None


def _gone(error: Exception) -> EndpointGone:
    return EndpointGone(
        f"Modal cannot be reached: {error}. It continues to read: run the same command again to "
        "collect the results."
    )
