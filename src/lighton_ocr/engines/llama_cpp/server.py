"""The embedded engine's process: a llama.cpp server on loopback that ends with its parent.

`engine.py` starts it as `python -m`. The first line of standard input is a JSON object with the
settings (with the key, which a process list would show among the arguments); the address goes to
standard output as one line of JSON. Standard input then stays open. It closes when the parent ends,
however that happens, and then this process ends, too. This needs no signal, port or file, and works
on every system.
"""

import json
import os
import sys
import threading
from typing import Any, NoReturn

import xllamacpp


def main() -> NoReturn:
    """Serve until standard input ends."""
    settings = json.loads(sys.stdin.readline())
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # keeps what llama.cpp prints apart from the answer
    watch = threading.Thread(target=_end_with_parent, daemon=True)
    watch.start()  # before the weights are loaded: the parent may die meanwhile
    server = xllamacpp.Server(_parameters(settings))
    print(json.dumps({"url": server.listening_address}), file=answer, flush=True)
    watch.join()
    raise AssertionError("unreachable: the watch ends the process")


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1):
        pass
    # Not sys.exit: destroying the server with a request in flight never returns.
    os._exit(0)


def _parameters(settings: dict[str, Any]) -> xllamacpp.CommonParams:
    slots = settings["slots"]
    params = xllamacpp.CommonParams()
    params.model.path = settings["model"]
    params.mmproj.path = settings["mmproj"]
    params.model_alias = {settings["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings["key"]]
    params.n_parallel = slots
    params.n_ctx = settings["context"] * slots  # divided among the slots
    params.cpuparams.n_threads = settings["threads"]
    params.cpuparams_batch.n_threads = settings["threads"]
    params.use_jinja = True
    params.cache_prompt = False  # no two pages share a prefix beyond a few tokens
    params.cache_ram_mib = 0
    params.endpoint_metrics = True
    params.endpoint_slots = False  # would show the text of pages that are being read
    params.ui = False
    params.verbosity = 0
    return params


if __name__ == "__main__":
    main()
