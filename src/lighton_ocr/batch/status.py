"""How far a batch is, from its journal, whether it runs or not."""

import json
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime

from lighton_ocr.batch.journal import FILE, BatchRun, Journal, Totals
from lighton_ocr.batch.on_modal import Away, find_away
from lighton_ocr.batch.outputs import is_locked, state_folder
from lighton_ocr.errors import UsageError


@dataclass(frozen=True)
class Status:
    """What the journal holds; `running` says that a batch is writing to it now.

    `away` is what is on Modal and not in the journal yet.
    """

    out: str
    running: bool
    totals: Totals
    last_run: BatchRun | None
    away: Away | None

    def describe(self) -> str:
        """A few lines for people."""
        totals, documents = self.totals, self.totals.documents
        ended = documents.get("done", 0) + documents.get("kept", 0)
        lines = [
            f"{self.out}: {self._state()}.",
            f"documents  {ended:,} complete, {documents.get('failed', 0):,} failed, "
            f"{documents.get('open', 0):,} begun",
            f"pages      {totals.pages_read:,} read, {totals.pages_failed:,} failed, "
            f"of {totals.pages:,} known",
            f"tokens     {totals.tokens:,} written",
        ]
        if self.away is not None:
            lines.append(f"on Modal   {self.away.describe()}")
        if self.last_run is not None:
            began = datetime.fromtimestamp(self.last_run.started).astimezone()
            lines.append(
                f"last run   {began:%Y-%m-%d %H:%M}, {self.last_run.model}, "
                f"{self.last_run.endpoint}{self._speed(self.last_run)}"
            )
        return "\n".join(lines)

    def as_json(self) -> str:
        """All of it as one JSON object."""
        row = asdict(self) | {"state": self._state()}
        if self.last_run is not None:
            figures = json.loads(self.last_run.figures or "null")
            row["last_run"] = asdict(self.last_run) | {"figures": figures}
        return json.dumps(row, indent=2)

    def _state(self) -> str:
        if self.running:
            return "running"
        if self.last_run is None or self.last_run.ended is None:
            return "killed; the same command goes on"
        figures = json.loads(self.last_run.figures or "{}")
        ended = sum(figures[f"documents_{how}"] for how in ("done", "kept", "failed"))
        if ended != figures["documents"]:
            return "stopped; the same command goes on"
        if figures["pages_failed"] or figures["documents_failed"]:
            return "through; the same command tries again what failed"
        return "complete"

    def _speed(self, run: BatchRun) -> str:
        figures = json.loads(run.figures or "{}")
        speed = figures.get("pages_per_second")
        return f", {speed:.2f} pages/s" if speed else ""


def look(out: str) -> Status:
    """The state of the batch whose results go to `out`.

    Raises:
        UsageError: no batch has written there from this machine.
        OutputError: its journal cannot be read.
    """
    state = state_folder(out)
    if not (state / FILE).is_file():
        raise UsageError(f"No batch has written to {out} from here: there is no {state / FILE}.")
    running = is_locked(state)
    with closing(Journal.open(state)) as journal:
        return Status(out, running, journal.totals(), journal.last_run(), find_away(state))
