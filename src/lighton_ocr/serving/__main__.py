"""`python -m lighton_ocr.serving` prints the name of the app that the environment asks for."""

import os
import sys

from lighton_ocr.errors import UsageError
from lighton_ocr.serving.settings import Settings

try:
    sys.stdout.write(Settings.from_env(os.environ).app_name + "\n")
except UsageError as error:
    sys.exit(str(error))
