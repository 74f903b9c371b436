"""Run `make` as a user at a terminal would: a target that serves is ended once it is up.

The virtual environment counts as up to date.
"""

import os
import shutil
import signal
import subprocess
import sys

IS_UP = "one page read"  # what the stand-in logs when an app is up

os.environ["PATH"] = os.environ["PATH"].partition(os.pathsep)[2]  # without this program
make = [shutil.which("make") or "make", "-o", ".venv/bin/lighton-ocr", "-o", ".venv/dev"]
command = [*make, *sys.argv[1:]]
if not any(argument.startswith("serve") for argument in sys.argv[1:]):
    sys.exit(subprocess.call(command))
with subprocess.Popen(
    command, stdout=subprocess.PIPE, text=True, start_new_session=True
) as process:
    assert process.stdout
    is_up = False
    for line in process.stdout:
        sys.stdout.write(line)
        if IS_UP in line:
            is_up = True
            os.killpg(process.pid, signal.SIGKILL)
sys.exit(0 if is_up else process.returncode)
