"""Is this deployment right? One question a check, each asked of the running server.

result.py   what a check says
probe.py    requests that the reader would never send
server.py   is it up, is it the right model, is it closed to strangers
page.py     does it read, streamed and whole; how fast; what it does with other pictures
run.py      all of them, in order
"""

from lighton_ocr.check.result import CheckReport, CheckResult, Outcome
from lighton_ocr.check.run import run_checks

__all__ = ["CheckReport", "CheckResult", "Outcome", "run_checks"]
