"""Adds up what an app has cost, from Modal's billing report.

modal billing report --for today --json | python -m lighton_ocr.deployment.cost APP today
"""

import json
import sys
from decimal import Decimal


def cost(report: str, app: str) -> Decimal:
    """Return the US dollars of an app's rows, and those of the app that fetches its weights."""
    names = (app, f"{app}-weights")
    rows = [row for row in json.loads(report) if row["description"] in names]
    return sum((Decimal(row["cost"]) for row in rows), Decimal(0))


if __name__ == "__main__":
    app, period = sys.argv[1:]
    sys.stdout.write(f"{app} {period}: ${cost(sys.stdin.read(), app):.2f}\n")
