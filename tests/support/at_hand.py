"""`make`, as somebody at a terminal uses it: what serves is ended once it is up.

The virtual environment counts as made, whatever the times of its files.
"""

import os
import shutil
import signal
import subprocess
import sys

UP = "one page read"  # what the stand-in logs for an app that is up

os.environ["PATH"] = os.environ["PATH"].partition(os.pathsep)[2]  # without this very program
make = [shutil.which("make") or "make", "-o", ".venv/bin/lighton-ocr", "-o", ".venv/dev"]
command = [*make, *sys.argv[1:]]
if not any(argument.startswith("serve") for argument in sys.argv[1:]):
    sys.exit(subprocess.call(command))
with subprocess.Popen(
    command, stdout=subprocess.PIPE, text=True, start_new_session=True
) as process:
    assert process.stdout
    up = False
    for line in process.stdout:
        sys.stdout.write(line)
        if UP in line:
            up = True
            os.killpg(process.pid, signal.SIGKILL)
sys.exit(0 if up else process.returncode)
