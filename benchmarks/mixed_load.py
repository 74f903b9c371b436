"""Load `lighton-ocr serve` with good documents, bad ones and clients that vanish, and watch it.

    PYTHONPATH=. python -m benchmarks.mixed_load 1800 > benchmarks/results/mixed-load.json

The server runs with a key, its embedded engine and the pocket model. Senders have addresses of
their own (127.0.0.2 and on). Each page of a good document has four words that were drawn for it, so
that a page in another's answer shows. What must not be is a fault: another status than expected,
words of somebody else's page, an answer that does not come, a line on the server's standard error.
The requests are in mixed_load_requests.py and mixed_load_vanishing.py.
"""

import asyncio
import json
import os
import platform
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
from benchmarks.mixed_load_requests import GOOD, Bad, GoodDocument, bad_requests, damaged_documents
from benchmarks.mixed_load_vanishing import VANISHING, VANISHING_LATE, Address, Vanishings
from benchmarks.processes import Samples
from tests.support.serve_command import serving_command

SEED = 20261130
KEY = "the key of this run"
PATIENCE_SECONDS = 3.0  # of the sender of bad documents: some of them can be read, which takes long
MOST_SECONDS = 300  # that any answer may take
AFTERWARDS = 50  # pages
Part = Callable[[httpx2.AsyncClient, random.Random], Awaitable[str]]


class Load:
    """Sends requests until a time is up, and counts how they ended."""

    def __init__(self, server: Address, bad: dict[str, Bad], end: float) -> None:
        self.outcomes: Counter[str] = Counter()
        self.faults: list[str] = []
        self.pages = self.misread = 0
        self.seconds: list[float] = []  # of documents of one page
        self._server, self._bad, self._end = server, bad, end

    async def run(self) -> None:
        """Let twelve senders do their part side by side."""
        parts: list[Part] = [
            *[self._read_any] * 6,
            *[self._send_bad] * 2,
            self._vanish,
            *[self._vanish_late] * 3,
        ]
        tasks = [
            asyncio.create_task(self._repeat(part, f"127.0.0.{number}", SEED + number))
            for number, part in enumerate(parts, 2)
        ]
        *others, _, _, _ = tasks
        await asyncio.gather(*others)
        for task in tasks:  # those that would vanish late do so now
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() or task.exception() is None for task in tasks)

    async def _repeat(self, part: Part, sender: str, seed: int) -> None:
        dice = random.Random(seed)
        async with self._server.client(sender) as client:
            while time.monotonic() < self._end:
                try:
                    async with asyncio.timeout(MOST_SECONDS):
                        outcome = await part(client, dice)
                except (OSError, httpx2.HTTPError, AssertionError) as error:
                    outcome = f"{part.__name__}: {type(error).__name__}"
                    self._fault(f"{outcome}: {error}")
                self.outcomes[outcome] += 1

    async def _read_any(self, client: httpx2.AsyncClient, dice: random.Random) -> str:
        return await self.read(client, dice, dice.choice(list(GOOD)))

    async def read(self, client: httpx2.AsyncClient, dice: random.Random, way: str) -> str:
        """Read a good document, and look whose words its answer has."""
        send, most = GOOD[way]
        document = GoodDocument.draw(dice, dice.randint(1, most))
        start = time.monotonic()
        texts = await send(client, document)
        if len(texts) == 1:
            self.seconds.append(time.monotonic() - start)
        self.pages += len(texts)
        self.misread += document.misread(texts)
        if fault := document.fault(texts):
            self._fault(f"{way}: {fault}")
        return f"good, {way}"

    async def _send_bad(self, client: httpx2.AsyncClient, dice: random.Random) -> str:
        weights = [bad.weight for bad in self._bad.values()]
        ((name, bad),) = dice.choices(list(self._bad.items()), weights)
        await asyncio.sleep(dice.random() / 4)
        try:
            answer = await client.request(
                bad.method,
                bad.path,
                content=bad.content(dice),
                headers=bad.headers,
                timeout=PATIENCE_SECONDS,
            )
        except httpx2.ReadTimeout:
            return f"bad, {name}: left"
        if answer.status_code not in bad.statuses:
            self._fault(f"bad, {name}: {answer.status_code} {answer.text}")
        return f"bad, {name}: {answer.status_code}"

    async def _vanish(
        self, _: httpx2.AsyncClient, dice: random.Random, ways: Vanishings = VANISHING
    ) -> str:
        name, way = dice.choice(list(ways.items()))
        await way.act(self._server, f"127.0.1.{dice.randint(1, 9)}", dice)
        return f"vanished, {name}"

    async def _vanish_late(self, client: httpx2.AsyncClient, dice: random.Random) -> str:
        return await self._vanish(client, dice, VANISHING_LATE)

    def _fault(self, text: str) -> None:
        self.faults.append(text[:500])
        sys.stderr.write(f"{text[:500]}\n")


async def load(server: Address, samples: Samples, seconds: float) -> dict[str, Any]:
    """Load the server, wait until it is idle again, and return what was found."""
    work = Load(server, bad_requests(damaged_documents(SEED)), time.monotonic() + seconds)
    async with server.client("127.0.0.1") as client:
        alone, dice = Load(server, {}, 0), random.Random(SEED)
        await alone.read(client, dice, "form")
        before = samples.look()
        watch = asyncio.create_task(samples.watch())
        await work.run()
        watch.cancel()
        start = time.monotonic()
        await server.wait_until_idle(client)
        idle_after = time.monotonic() - start
        after = samples.look()
        for _ in range(AFTERWARDS):
            await alone.read(client, dice, "form")
    return {
        "answers": dict(sorted(work.outcomes.items())),
        "requests": work.outcomes.total(),
        "pages_read": work.pages,
        "pages_with_a_misread_word": work.misread,
        "faults": work.faults + alone.faults,
        "page_seconds": _percentiles(work.seconds),
        "page_seconds_afterwards": _percentiles(alone.seconds),
        "idle_after_seconds": round(idle_after, 1),
        "use_of_first_and_last_third_and_most": samples.thirds(),
        "use_before_and_afterwards": [before, after],
    }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    p50, p99 = (round(ordered[int(len(ordered) * share)], 2) for share in (0.5, 0.99))
    return {"requests": len(ordered), "p50": p50, "p99": p99}


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        with serving_command("--api-key", KEY) as (process, url):
            said: list[str] = []
            assert process.stderr
            reader = Thread(target=said.extend, args=(process.stderr,))
            reader.start()
            found = asyncio.run(
                load(Address(url, KEY), Samples(process.pid, Path(folder)), seconds)
            )
            start = time.monotonic()
            process.send_signal(signal.SIGTERM)
            status = process.wait(60)
            reader.join()
        found |= {"exit_status": status, "exit_seconds": round(time.monotonic() - start, 1)}
        found["temporary_files_left"] = [path.name for path in Path(folder).rglob("*")]
    report = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {os.cpu_count()} threads, shared with others",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("fastapi", "uvicorn", "xllamacpp")},
        "seconds": seconds,
        "server_said": said,
    }
    print(json.dumps(report | found, indent=2))


if __name__ == "__main__":
    main(float(sys.argv[1]))
