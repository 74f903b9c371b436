"""`python -m lighton_ocr.deployment` prints the name of the app that the environment selects."""

import os
import sys

from lighton_ocr.deployment.settings import Settings
from lighton_ocr.errors import UsageError

try:
    sys.stdout.write(Settings.from_env(os.environ).app_name + "\n")
except UsageError as error:
    sys.exit(str(error))
