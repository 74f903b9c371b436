"""The shards that a batch has sent to Modal and not collected: a file each, beside the journal."""

import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lighton_ocr._files import write_atomically
from lighton_ocr._text import pluralize
from lighton_ocr.batch.modal_client import import_modal, open_volume
from lighton_ocr.batch.modal_worker import RESULTS
from lighton_ocr.batch.shards import Shard
from lighton_ocr.errors import EndpointError

_NAME = "name"  # the file with the batch's name on the volume
_RECORDS = "*.json"


@dataclass(frozen=True)
class PendingOnModal:
    """What was sent and not collected; `shards_read` is None if Modal cannot be reached."""

    shards: int
    pages: int
    shards_read: int | None

    def describe(self) -> str:
        """Return it in words."""
        read = "unknown" if self.shards_read is None else f"{self.shards_read:,}"
        pages, shards = pluralize(self.pages, "page"), pluralize(self.shards, "shard")
        return f"{pages} in {shards}, {read} of them read: run the same command again to collect"


class PendingShards:
    """The records of a batch's pending shards, in its state folder."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "modal"

    @property
    def batch(self) -> str:
        """The batch's name on the volume, chosen when it is first asked for."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / _NAME
        if not path.exists():
            write_atomically(path, secrets.token_hex(8))
        return path.read_text()

    def all(self) -> list[Shard]:
        """Return all pending shards, without passwords."""
        shards = []
        for record in sorted(self._folder.glob(_RECORDS)):
            # It may have been collected meanwhile. One that another version of lighton-ocr wrote is
            # ignored, and its pages are sent again.
            with suppress(FileNotFoundError, ValueError, KeyError):
                shards.append(Shard.from_json(json.loads(record.read_text())["shard"]))
        return shards

    def find_call(self, shard: Shard) -> str | None:
        """Return the id of the call that reads a shard, None if it is not known to be sent."""
        record = self._record(shard)
        call: str | None = json.loads(record.read_text())["call"] if record.exists() else None
        return call

    def save(self, shard: Shard, call: str | None) -> None:
        """Record a shard; `call` is None before it is sent."""
        # Everybody who may see the results can read this, so it has no passwords. The next run
        # has them with its pages.
        record = {"shard": shard.with_passwords({}).to_json(), "call": call}
        write_atomically(self._record(shard), json.dumps(record))

    def remove(self, shard: Shard) -> None:
        """Remove the record of a shard."""
        self._record(shard).unlink(missing_ok=True)

    def _record(self, shard: Shard) -> Path:
        return self._folder / f"{shard.key}.json"


def find_pending_on_modal(state: Path) -> PendingOnModal | None:
    """Return what a batch has on Modal, None if nothing; asks Modal how much of it is read."""
    pending = PendingShards(state)
    shards = pending.all()
    if not shards:
        return None
    try:
        read: int | None = len(_list_results(pending.batch) & {shard.key for shard in shards})
    except EndpointError:
        read = None
    return PendingOnModal(len(shards), sum(shard.page_count for shard in shards), read)


def _list_results(batch: str) -> set[str]:
    modal = import_modal()
    try:
        listed = open_volume().listdir(f"{batch}/{RESULTS}")
    except (FileNotFoundError, modal.exception.NotFoundError):
        return set()
    except modal.exception.Error as error:
        raise EndpointError(f"Modal cannot be reached: {error}.") from None
    return {Path(entry.path).stem for entry in listed}
