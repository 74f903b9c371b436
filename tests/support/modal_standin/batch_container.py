"""A container of the deployed batch class, in which the stand-in runs its calls."""

import asyncio
import base64
import json
import pickle
import secrets
import subprocess
import sys
from collections import Counter
from pathlib import Path
from threading import Thread
from typing import Any

from lighton_ocr.deployment.settings import BATCH_VOLUME
from tests.support.modal_standin.client import CONTAINER, Modal, free_port, unpack, vllm_events


class BatchContainer:
    """One container at a time, started by the first call.

    As on Modal, the calls of a container that was preempted go to the next one, and failed calls
    are retried as often as the function allows.
    """

    def __init__(self, modal: Modal, folder: Path) -> None:
        self.starts = 0
        self.preempt_once = False  # without a warning, when it has read its first shard
        self.vllm_dies_once = False  # at the first page
        self.vllm_dies_starting = False  # in every container
        self._modal = modal
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._pending: dict[int, tuple[str, asyncio.Future[None]]] = {}
        self._failures: Counter[int] = Counter()
        self._count = 0
        modal.plane.take_container(self._call)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of vLLM in all containers."""
        roots = [self._folder / f"container{number}" for number in range(1, self.starts + 1)]
        return [event for root in roots for event in vllm_events(root)]

    def stop(self) -> None:
        """Close the container's input, so that it ends by itself, and wait for it."""
        self._modal.plane.take_container(None)
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            assert self._process.wait() == 0
            self._answers.join()

    async def _call(self, function_id: str, method: str, arguments: list[Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self._count += 1
        line = json.dumps([self._count, method, arguments]) + "\n"
        done: asyncio.Future[None] = self._loop.create_future()
        self._pending[self._count] = (line, done)
        if self._process is None:
            self._deployment = self._modal.deployment_of(function_id)
            self._start()
        else:
            self._send(line)
        await done

    def _start(self) -> None:
        self.starts += 1
        root = self._folder / f"container{self.starts}"
        env = unpack(self._deployment, root)
        self._task = f"ta-{secrets.token_hex(8)}"
        env |= {"MODAL_TASK_ID": self._task}
        if self.vllm_dies_starting:
            env["VLLM_DIES"] = "1"
        if self.vllm_dies_once:
            self.vllm_dies_once = False
            env["VLLM_DIES_READING"] = "1"
        mount = self._modal.plane.folder_of(BATCH_VOLUME)
        self._process = subprocess.Popen(
            [sys.executable, str(CONTAINER), str(free_port()), str(mount)],
            env=env,
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answers = Thread(target=self._take_answers, args=(self._process,))
        self._answers.start()
        for line, _ in self._pending.values():
            self._send(line)

    def _send(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # preempted, or about to end; the next container gets it

    def _take_answers(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                if line.startswith("ANSWER "):
                    number, error = json.loads(line.removeprefix("ANSWER "))
                    self._loop.call_soon_threadsafe(self._finish, number, error)
                    if self.preempt_once:
                        self.preempt_once = False
                        process.kill()
        if process.wait() < 0 or self._is_ending():
            process.stdin.close()  # type: ignore[union-attr]
            self._loop.call_soon_threadsafe(self._start)

    def _retry(self, number: int) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        if self._is_ending():
            self._process.stdin.close()
        else:
            self._send(self._pending[number][0])

    def _is_ending(self) -> bool:
        return self._task in self._modal.plane.stopped

    def _finish(self, number: int, error: str | None) -> None:
        if error is not None:
            self._failures[number] += 1
            if self._failures[number] <= self._deployment.function.retry_policy.retries:
                self._retry(number)
                return
        _, done = self._pending.pop(number)
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(pickle.loads(base64.b64decode(error)))  # noqa: S301 - from our own process
