"""The embedded engine's process: a llama.cpp server on loopback, as long as its parent lives.

Started by `embedded.py` as `python -m`. The first line of standard input is a JSON object with the
settings (the key travels this way, so that no process list shows it); the address goes to standard
output as one JSON line. Standard input then stays open: when it ends, the parent is gone, however
it went, and so is this process. No signal, port or file is needed for that, on any system.
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
    os.dup2(2, 1)  # whatever llama.cpp prints must not be taken for the answer
    watch = threading.Thread(target=_end_with_parent, daemon=True)
    watch.start()  # before the weights are loaded: a parent may die in that time, too
    server = xllamacpp.Server(_parameters(settings))
    print(json.dumps({"url": server.listening_address}), file=answer, flush=True)
    watch.join()
    raise AssertionError("unreachable: the watch ends the process")


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1):
        pass
    # Not sys.exit: destroying the server with a request in flight waits for ever.
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
    params.endpoint_slots = False  # would show the text of pages in flight
    params.ui = False
    params.verbosity = 0
    return params


if __name__ == "__main__":
    main()
