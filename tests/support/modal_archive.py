"""A batch that is read on Modal's stand-in, and the pages that its container read."""

import sys
from collections import Counter
from pathlib import Path

from lighton_ocr.deployment.settings import BATCH_VOLUME
from tests.support.corpus import image_digest, make_corpus
from tests.support.modal_standin.batch_container import BatchContainer
from tests.support.modal_standin.client import Finished, Modal

DOCUMENTS, PAGES, SHARD = 7, 3, 4
DISTINCT = (DOCUMENTS - 1) * PAGES  # two documents are the same
SHARDS = -(-DISTINCT // SHARD)
# The command, with smaller shards.
PROGRAM = f"""
from lighton_ocr.batch.on_modal import ModalPool
from lighton_ocr.cli import main
ModalPool.shard_pages = {SHARD}
main()
"""


class Archive:
    """Documents and an output; Modal's client is signed in and the app is deployed."""

    def __init__(self, modal: Modal, folder: Path, **settings: str) -> None:
        self.modal = modal
        self.folder = folder
        self.inputs = make_corpus(folder / "in", DOCUMENTS, PAGES)
        self.out = folder / "out"
        modal.deployed(**settings)
        modal.plane.function_calls.clear()

    @property
    def command(self) -> list[str]:
        arguments = ["batch", str(self.inputs), "--out", str(self.out), "--on", "modal"]
        return [sys.executable, "-c", PROGRAM, *arguments]

    def batch(self, *arguments: str, **environment: str) -> Finished:
        done = self.modal.run(*self.command, *arguments, **environment)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def container(self) -> BatchContainer:
        return BatchContainer(self.modal, self.folder)

    @property
    def left(self) -> list[str]:
        """The files of this batch on the volume."""
        name = (self.out / ".lighton-ocr" / "modal" / "name").read_text()
        return [path for path in self.modal.plane.files(BATCH_VOLUME) if path.startswith(name)]

    @property
    def sent(self) -> int:
        return len(self.modal.plane.function_calls)


def pages_asked(container: BatchContainer) -> Counter[str]:
    """Count how often each page was sent to vLLM."""
    bodies = [event["body"] for event in container.events if event.get("body")]
    return Counter(image_digest(body) for body in bodies if body.get("stream"))
