"""Run a batch and kill it with SIGKILL at random points, again and again, until it ends.

Each process is forked from a server that has imported everything, so that it starts fast.
"""

import itertools
import multiprocessing
import os
import random
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.responses import Response

from lighton_ocr.batch.journal import Journal
from tests.support.corpus import JOURNAL, answer_by_image, image_digest, journal, manifest, text_of
from tests.support.scripted_endpoint import ScriptedEndpoint

# What a batch does when it is killed, and how many times at most it has done so before.
MOMENTS = {"request": 10, "statement": 50, "file": 8}
ENGINE_MOMENTS = {"statement": 20, "file": 3}  # fewer, because it reads few pages
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        *("lighton_ocr.cli", "lighton_ocr.cli.batch_progress", "lighton_ocr.batch.session"),
        *("anyio._backends._asyncio", "httpcore2", "tests.support.killing"),
    ]
)


@dataclass
class Kills:
    """The kills by moment, and the pages that were requested although they were on the disk."""

    by_moment: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MOMENTS, 0))
    asked_again: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.by_moment.values())


def run_and_kill(
    arguments: list[str], out: Path, kills: int, server: ScriptedEndpoint | None, seed: int
) -> Kills:
    """Run a batch, kill it `kills` times, then let it end; `server` is None for the real engine."""
    dice = random.Random(seed)
    done = Kills()
    watch = _Watch(done)
    if server is not None:
        server.default = watch.answer
    moments = MOMENTS if server else ENGINE_MOMENTS
    while done.count < kills:
        moment = dice.choice(list(moments))
        count = dice.randint(1, moments[moment])
        process = _FORKS.Process(target=_batch, args=(arguments, str(out), moment, count))
        watch.durable = texts_on_disk(out)
        process.start()
        if moment == "request":
            watch.kill_at(count, process.kill)
        process.join()
        watch.kill_at(0, lambda: None)
        assert process.exitcode in (0, -signal.SIGKILL), f"{moment} {count}: {process.exitcode}"
        if process.exitcode == 0:
            return done
        done.by_moment[moment] += 1
        if (out / "manifest.jsonl").exists():
            manifest(out)  # every line is complete, no document has two
    watch.durable = texts_on_disk(out)
    process = _FORKS.Process(target=_batch, args=(arguments, str(out), "never", 0))
    process.start()
    process.join()
    assert process.exitcode == 0
    return done


def texts_on_disk(out: Path) -> set[str]:
    """Return the texts in a journal, whose process may have been killed at any point."""
    if not (out / JOURNAL).exists() or not journal(out, "SELECT 1 FROM sqlite_master"):
        return set()
    return {text for (text,) in journal(out, "SELECT text FROM pages WHERE finish != 'error'")}


class _Watch:
    """The endpoint: counts requests, kills, and notices pages that are requested again."""

    def __init__(self, kills: Kills) -> None:
        self.durable: set[str] = set()
        self._kills = kills
        self._left = 0
        self._kill: Callable[[], None] = lambda: None

    def kill_at(self, request: int, kill: Callable[[], None]) -> None:
        self._left, self._kill = request, kill

    def answer(self, body: dict[str, Any]) -> Response:
        text = text_of(image_digest(body))
        if text in self.durable:
            self._kills.asked_again.append(text)
        self._left -= 1
        if self._left == 0:
            self._kill()
        return answer_by_image(body)


def _batch(arguments: list[str], out: str, moment: str, count: int) -> None:
    """Run a batch in this process, and kill it when it comes to that moment for the nth time."""
    moments = itertools.count(1)

    def strike(*_: object) -> None:
        if next(moments) == count:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_event(event: str, details: tuple[object, ...]) -> None:
        if event in ("open", "os.rename") and out in str(details):
            strike()

    if moment == "statement":
        begin = Journal.__init__

        def watched(self: Journal, connection: Any) -> None:
            begin(self, connection)
            connection.set_trace_callback(strike)

        Journal.__init__ = watched  # type: ignore[method-assign]
    if moment == "file":
        sys.addaudithook(on_event)
    from lighton_ocr.cli import app

    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    app(["batch", *arguments, "--out", out])
