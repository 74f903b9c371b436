"""Start a deployed object as a container does, in its root: `python container.py PORT [MOUNT]`.

With STAYS in the environment it serves until its standard input is closed, as a container does that
gets requests.

`python container.py FUNCTION` runs one that fetches weights or runs at a time of day instead.

Hooks run in Modal's order. PORT is a free port, instead of the container's 8000. With a MOUNT, the
folder of the batch volume, it is a batch's container: it reads calls as lines of JSON from standard
input, `[number, method, arguments]`, and answers `[number, error or null]`, errors pickled. A vLLM
that does not answer counts as dead at once.
"""

import asyncio
import base64
import importlib
import json
import os
import pickle
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

from modal._partial_function import _find_callables_for_obj, _PartialFunctionFlags
from modal._runtime.container_io_manager import _ContainerIOManager
from modal._utils.async_utils import synchronizer
from modal.client import Client

TRANSLATE: Any = synchronizer._translate_in


def _set(module: str, name: str, value: object) -> None:
    setattr(importlib.import_module(module), name, value)


def run(instance: object, hook: _PartialFunctionFlags) -> None:
    for method in _find_callables_for_obj(instance, hook).values():
        method()


def make_instance(cls: Any) -> object:
    user_class = TRANSLATE(cls)._get_user_cls()
    return user_class.__new__(user_class)


def ask_from_outside(port: int, path: str) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method="POST")
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        version, gpu = (answer.headers[f"x-lighton-ocr-{name}"] for name in ("version", "gpu"))
        sys.stdout.write(f"outside {path} {answer.status} {version} on {gpu}\n")


def read_from_outside(port: int) -> None:
    """Ask for a page, of which a vLLM with VLLM_DIES_READING dies, and stay as a container does."""
    from lighton_ocr.catalog import find_model
    from lighton_ocr.engines.vllm.warm_up import warm_up_request

    body = json.dumps(warm_up_request(find_model("1b")) | {"stream": True}).encode()
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    with suppress(OSError):
        urllib.request.urlopen(urllib.request.Request(url, data=body))
    Event().wait()


def stay_if_asked() -> None:
    if os.environ.get("STAYS"):
        sys.stdout.write("serving\n")
        sys.stdout.flush()
        sys.stdin.read()


def serve(app: Any, port: int) -> None:
    if not hasattr(app, "Serve"):
        TRANSLATE(app.serve)._raw_f()
        if os.environ.get("VLLM_DIES_READING"):
            read_from_outside(port)
        ask_from_outside(port, "/sleep")
        stay_if_asked()
        return
    TRANSLATE(Client.from_env())  # what commits volumes
    instance = make_instance(app.Serve)
    run(instance, _PartialFunctionFlags.ENTER_PRE_SNAPSHOT)
    run(instance, _PartialFunctionFlags.ENTER_POST_SNAPSHOT)
    run(instance, _PartialFunctionFlags.WEB_INTERFACE)
    ask_from_outside(port, "/sleep")
    stay_if_asked()
    run(instance, _PartialFunctionFlags.EXIT)


def take_calls(app: Any) -> None:
    client = TRANSLATE(Client.from_env())
    worker = SimpleNamespace(task_id=os.environ["MODAL_TASK_ID"], _client=client)
    _ContainerIOManager._singleton = worker  # type: ignore[assignment]
    instance = make_instance(app.Shards)
    run(instance, _PartialFunctionFlags.ENTER_POST_SNAPSHOT)
    methods = _find_callables_for_obj(instance, _PartialFunctionFlags.CALLABLE_INTERFACE)

    async def answer(number: int, method: str, arguments: list[Any]) -> None:
        try:
            await methods[method](*arguments)
            error = None
        except Exception as fault:
            error = base64.b64encode(pickle.dumps(fault)).decode()
        sys.stdout.write(f"ANSWER {json.dumps([number, error])}\n")
        sys.stdout.flush()

    async def take_all() -> None:
        async with asyncio.TaskGroup() as group:
            while line := await asyncio.to_thread(sys.stdin.readline):
                group.create_task(answer(*json.loads(line)))

    asyncio.run(take_all())
    run(instance, _PartialFunctionFlags.EXIT)


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    if not sys.argv[1].isdigit():
        TRANSLATE(Client.from_env())
        TRANSLATE(getattr(importlib.import_module("modal_lighton_ocr"), sys.argv[1]))._raw_f()
        sys.exit()
    _set("lighton_ocr.engines.vllm.command", "PORT", int(sys.argv[1]))
    if len(sys.argv) > 2:
        _set("lighton_ocr.deployment.settings", "BATCH_MOUNT", sys.argv[2])
        _set("lighton_ocr.batch.concurrency", "_OWN_OUTAGE_SECONDS", 0.0)
        take_calls(importlib.import_module("modal_lighton_ocr"))
    else:
        serve(importlib.import_module("modal_lighton_ocr"), int(sys.argv[1]))
