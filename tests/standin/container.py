"""Start a deployed object as Modal's container does: `python container.py PORT`, in its root.

Hooks run in Modal's order. The port is one that is free here, in place of the container's 8000.
"""

import importlib
import sys
import urllib.error
import urllib.request
from pathlib import Path

from modal._partial_function import _find_callables_for_obj, _PartialFunctionFlags
from modal._utils.async_utils import synchronizer

root, port = Path.cwd(), int(sys.argv[1])
sys.path.insert(0, str(root))
importlib.import_module("lighton_ocr.serving.vllm_command").PORT = port
app = importlib.import_module("modal_lighton_ocr")


def run(instance: object, hook: _PartialFunctionFlags) -> None:
    for method in _find_callables_for_obj(instance, hook).values():
        method()


def ask_from_outside(path: str) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method="POST")
    try:
        status = urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    sys.stdout.write(f"outside {path} {status}\n")


if hasattr(app, "Serve"):
    user_class = synchronizer._translate_in(app.Serve)._get_user_cls()
    instance = user_class.__new__(user_class)
    run(instance, _PartialFunctionFlags.ENTER_PRE_SNAPSHOT)
    run(instance, _PartialFunctionFlags.ENTER_POST_SNAPSHOT)
    run(instance, _PartialFunctionFlags.WEB_INTERFACE)
    ask_from_outside("/sleep")
    run(instance, _PartialFunctionFlags.EXIT)
else:
    synchronizer._translate_in(app.serve)._raw_f()
    ask_from_outside("/sleep")
