"""Try a deployment on your own Modal account, from the first command to the bill: `make smoke`.

Everything happens in a Modal environment of its own, `lighton-ocr-smoke`, which is deleted at the
end, with its apps and volumes, also after Ctrl-C or a failure. MODEL, GPU and all other settings of
`make deploy` apply. The report goes to benchmarks/results/smoke-GPU-MODEL.json.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pypdfium2 import PdfDocument

import lighton_ocr
from lighton_ocr.deployment.settings import Settings
from lighton_ocr.errors import LightonOcrError, UsageError

ENVIRONMENT = "lighton-ocr-smoke"
ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
HOURS = 1  # after which everything is stopped
CONTAINERS = 2  # at most: one that serves pages, one that reads a batch
MODAL = os.environ.get("MODAL", str(Path(sys.executable).with_name("modal")))
MAKE = os.environ.get("MAKE", "make")


class SmokeFailed(LightonOcrError):
    """A step failed; the message says which, and what it printed."""


def main() -> int:
    """Ask, run all steps, remove everything, and write the report; return the exit code."""
    settings = Settings.from_env(os.environ)
    if not _agreed(settings):
        return 2
    report: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": lighton_ocr.__version__,
        "settings": settings.to_env(),
        "steps": {},
    }
    failure: str | None = None
    started = time.time()
    try:
        with _own_environment():
            _run_steps(settings, report["steps"])
            report["cost_usd"] = _billed(started)
        if not report["steps"]["check"]["passed"]:
            failure = "the check found a fault"
    except (LightonOcrError, KeyboardInterrupt) as error:
        failure = str(error) or "interrupted"
    report["failure"] = failure
    name = f"smoke-{settings.to_env()['GPU']}-{settings.model.aliases[0]}.json"
    path = ROOT / "benchmarks" / "results" / name
    path = Path(os.environ.get("OUT", path))
    path.write_text(json.dumps(report, indent=2) + "\n")
    _say(f"Failed: {failure}" if failure else "All steps passed.")
    _say(f"The report is in {path}. Please send it to us in an issue: it holds no keys.")
    return int(failure is not None)


def _agreed(settings: Settings) -> bool:
    price = settings.gpu.card.price_per_hour
    bound = price * HOURS * CONTAINERS * 1.5
    _say(
        f"This deploys {settings.model.id} on {settings.to_env()['GPU']} in a Modal environment of "
        f"its own, {ENVIRONMENT}, reads some pages, and deletes the environment. It takes about "
        f"half an hour and ends after {HOURS} h at the latest. It cannot cost more than "
        f"${bound:.2f}: {CONTAINERS} containers for {HOURS} h, half again for CPU and memory."
    )
    if not os.environ.get("LIGHTON_OCR_API_KEY"):
        _say("There is no API key yet. Run: make token")
        return False
    if os.environ.get("YES") == "1":
        return True
    sys.stderr.write("Continue? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _run_steps(settings: Settings, steps: dict[str, Any]) -> None:
    """Run each step, and record its seconds and what it found."""

    def step(name: str, act: Callable[[], dict[str, Any] | None]) -> None:
        _say(f"{name} …")
        began = time.monotonic()
        found = act() or {}
        steps[name] = {"seconds": round(time.monotonic() - began, 1)} | found
        _say(f"{name}: {steps[name]['seconds']} s")

    url = ""
    model = settings.model.like or settings.model.id  # a fine-tune is asked for by its checkpoint

    def deploy(*settings: str) -> None:
        nonlocal url
        said = _run(MAKE, "deploy", *settings)
        found = re.findall(r"(?:─|->) (https?://\S+)", said)
        if not found:
            raise SmokeFailed(f"`make deploy` printed no address:\n{said}")
        url = found[-1]

    step("deploy, with the download of the weights", deploy)
    step("first page, nothing cached", lambda: _read_first(url, model))
    step("check", lambda: _check(url, model))
    step("ten pages", lambda: _read_ten(url, model))
    step("batch", lambda: _read_batch(settings))
    _stop_containers()
    step("first page, caches filled", lambda: _read_first(url, model))
    if not settings.snapshot and not settings.fast_boot:
        step("deploy with SNAPSHOT=1", lambda: deploy("SNAPSHOT=1"))
        step("first page, which takes the snapshot", lambda: _read_first(url, model))
        _stop_containers()
        step("first page, from the snapshot", lambda: _read_first(url, model))


def _read_first(url: str, model: str) -> dict[str, Any]:
    page = lighton_ocr.read(EXAMPLES / "letter.pdf", url=url, model=model).pages[0]
    return {"characters": len(page.text), "text_starts": page.text[:60]}


def _check(url: str, model: str) -> dict[str, Any]:
    document = str(EXAMPLES / "paper.pdf")
    served = ("--url", url, "--model", model)
    done = _execute(sys.executable, "-m", "lighton_ocr", "check", document, *served)
    return {"passed": done.returncode == 0, "output": (done.stdout + done.stderr).splitlines()}


def _read_ten(url: str, model: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        ten = Path(folder, "ten.pdf")
        pages, paper = PdfDocument.new(), PdfDocument(EXAMPLES / "paper.pdf")
        for _ in range(10):
            pages.import_pages(paper, [0])
        pages.save(ten)
        result = lighton_ocr.read(ten, url=url, model=model)
    return {"pages": len(result.pages), "failed": list(result.failed_pages)}


def _read_batch(settings: Settings) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as out:
        said = _run(
            *(sys.executable, "-m", "lighton_ocr", "batch", str(EXAMPLES), "--out", out),
            *("--on", "modal", "--model", settings.model.id, "--json"),
            *(("--like", settings.model.like) if settings.model.like else ()),
        )
        return {"statistics": json.loads(said)}


def _stop_containers() -> None:
    """End all containers, so that the next page starts another one."""
    for container in json.loads(_run(MODAL, "container", "list", "--json")):
        with suppress(SmokeFailed):  # it has ended meanwhile
            _run(MODAL, "container", "stop", container["container_id"], "--yes")


def _billed(since: float) -> str:
    """Return the dollars that Modal's billing report has by now; it is some minutes late."""
    start = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:00")
    said = _run(MODAL, "billing", "report", "--start", start, "--resolution", "h", "--json")
    rows = [row for row in json.loads(said) if row["environment"] == ENVIRONMENT]
    return f"{sum(float(row['cost']) for row in rows):.2f}"


@contextmanager
def _own_environment() -> Iterator[None]:
    """Run in an environment of its own, for an hour at most, and delete it whatever happens."""

    def stop(*_: object) -> None:
        raise SmokeFailed("Stopped from outside, or after the longest time that this may take.")

    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, stop)
    signal.alarm(HOURS * 3600)
    _run(MODAL, "environment", "create", ENVIRONMENT)
    os.environ["MODAL_ENVIRONMENT"] = ENVIRONMENT
    try:
        with suppress(SmokeFailed):  # a workspace without roles has nothing to allow
            token = os.environ["LIGHTON_OCR_API_KEY"].partition(".")[0]
            _run(MODAL, "workspace", "proxy-tokens", "allow", token, ENVIRONMENT)
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave it behind
        _say(f"Deleting the environment {ENVIRONMENT} …")
        _run(MODAL, "environment", "delete", ENVIRONMENT, "--yes")


def _run(*command: str) -> str:
    """Run a command and return its standard output.

    Raises:
        SmokeFailed: it did not return 0.
    """
    done = _execute(*command)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise SmokeFailed(f"`{' '.join(command)}` failed with {done.returncode}:\n{said}")
    return done.stdout


def _execute(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "200"},  # Modal's client breaks long lines
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
    )


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UsageError as error:
        sys.exit(str(error))
