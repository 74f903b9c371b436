"""Check that a deployment works, by sending requests to the running server.

result.py   what a check returns
server.py   checks of the server: health, model, versions, authentication, closed routes
page.py     checks with a page: streaming, speed, and requests that have to be refused or resized
run.py      all checks, in order
"""

from lighton_ocr.check.result import CheckReport, CheckResult, Outcome
from lighton_ocr.check.run import run_checks

__all__ = ["CheckReport", "CheckResult", "Outcome", "run_checks"]
