"""The progress of a batch, from its journal, while it runs or later."""

import json
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from lighton_ocr._access import describe_os_error
from lighton_ocr._text import escape_controls, pluralize
from lighton_ocr.batch.journal import FILE, Journal
from lighton_ocr.batch.modal_shards import PendingOnModal, find_pending_on_modal
from lighton_ocr.batch.records import DONE_WITH_OTHER_SETTINGS, RunRecord, Totals, WarnedPage
from lighton_ocr.batch.state import is_locked, state_folder
from lighton_ocr.errors import OutputError, UsageError


@dataclass(frozen=True)
class BatchStatus:
    """What the journal of an output holds; `running` says that a batch is writing to it now.

    `pending` is what was sent to Modal and is not in the journal yet. `warned` are the pages with
    warnings.
    """

    out: str
    running: bool
    totals: Totals
    last_run: RunRecord | None
    pending: PendingOnModal | None
    warned: list[WarnedPage]

    def describe(self, pages: bool = False) -> str:
        """Return a few lines for people, and with `pages` a line for each warning."""
        totals, documents = self.totals, self.totals.documents
        ended = documents.get("done", 0) + documents.get("kept", 0)
        lines = [
            f"{self.out}: {self._state()}.",
            f"documents  {ended:,} complete, {documents.get('failed', 0):,} failed, "
            f"{documents.get('open', 0):,} not finished"
            + _with_other_settings(documents.get(DONE_WITH_OTHER_SETTINGS, 0), "complete"),
            f"pages      {totals.pages_read:,} read, {totals.pages_failed:,} failed, "
            f"of {totals.pages:,} known"
            + _with_other_settings(totals.pages_with_other_settings, "read"),
            f"tokens     {totals.tokens:,} written",
        ]
        if self.warned:
            listed = "" if pages else ": --pages shows them"
            lines.append(f"warnings   {pluralize(len(self.warned), 'page')}{listed}")
        if totals.own_text.words:
            lines.append(f"own text   {totals.own_text.describe()}")
        if self.pending is not None:
            lines.append(f"on Modal   {self.pending.describe()}")
        if self.last_run is not None:
            began = datetime.fromtimestamp(self.last_run.started).astimezone()
            lines.append(
                f"last run   {began:%Y-%m-%d %H:%M}, {self.last_run.model}, "
                f"{self.last_run.endpoint}{self._speed()}"
            )
        if pages:
            lines += self._warnings()
        return "\n".join(lines)

    def _warnings(self) -> list[str]:
        lines = []
        for address, group in groupby(self.warned, key=lambda page: page.address):
            lines.append(f"\n{address}")
            for page in group:
                sure = f" (confidence {page.confidence:.2f})" if page.confidence else ""
                lines += [f"  {escape_controls(warning)}{sure}" for warning in page.warnings]
        return lines

    def as_json(self) -> str:
        """Return all of it as one JSON object."""
        row = asdict(self) | {"state": self._state()}
        if self.last_run is not None:
            row["last_run"] = asdict(self.last_run) | {"stats": self._stats or None}
        return json.dumps(row, indent=2)

    @property
    def _stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = {}
        if self.last_run is not None and self.last_run.stats is not None:
            stats = json.loads(self.last_run.stats)
        return stats

    def _state(self) -> str:
        if self.running:
            return "running"
        if self.last_run is None or self.last_run.ended is None:
            return "killed; run the same command again to resume"
        stats = self._stats
        ended = sum(stats[f"documents_{state}"] for state in ("done", "kept", "failed"))
        if ended != stats["documents"]:
            return "stopped; run the same command again to resume"
        unreadable = stats.get("documents_unreadable", 0)
        if stats["pages_failed"] or stats["documents_failed"] > unreadable:
            return "finished with failures; run the same command again to retry what failed"
        if unreadable:
            cannot = pluralize(unreadable, "document")
            return f"finished; {cannot} cannot be read, as manifest.jsonl says"
        return "complete"

    def _speed(self) -> str:
        speed = self._stats.get("pages_per_second")
        return f", {speed:.2f} pages/s" if speed else ""


def _with_other_settings(count: int, verb: str) -> str:
    return f"; {count:,} {verb} with other settings than the last run's" if count else ""


def read_status(out: str) -> BatchStatus:
    """Return the status of the batch that writes to `out`.

    Raises:
        UsageError: no batch on this machine has written there.
        OutputError: its journal cannot be read.
    """
    state = state_folder(out)
    try:
        is_there = (state / FILE).is_file()
    except OSError as error:
        raise OutputError(f"{state} cannot be read: {describe_os_error(error, state)}.") from None
    if not is_there:
        raise UsageError(
            f"No batch on this machine has written to {out}: {state / FILE} does not exist."
        )
    running = is_locked(state)
    with closing(Journal.open(state)) as journal:
        return BatchStatus(
            out,
            running,
            journal.totals(),
            journal.last_run(),
            find_pending_on_modal(state),
            journal.warned_pages(),
        )
