"""The command line, one module per command: each parses, calls and prints."""

import errno
import os
import sys

import typer

from lighton_ocr.cli.batch import batch
from lighton_ocr.cli.bench import app as bench
from lighton_ocr.cli.catalog import gpus, models
from lighton_ocr.cli.check import check
from lighton_ocr.cli.plan import plan
from lighton_ocr.cli.process import set_up_process
from lighton_ocr.cli.read import read
from lighton_ocr.cli.status import status
from lighton_ocr.errors import LightonOcrError, OutputError

app = typer.Typer(
    name="lighton-ocr",
    help="Documents in, Markdown out, with LightOnOCR models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(read)
app.command()(batch)
app.command()(status)
app.command()(check)
app.command()(models)
app.command()(gpus)
app.command()(plan)
app.add_typer(bench, name="bench")


def main() -> None:
    """Run a command; print known errors in one sentence and exit with their code."""
    set_up_process()
    try:
        app()
    except LightonOcrError as error:
        sys.stderr.write(f"lighton-ocr: {error}\n")
        sys.exit(error.exit_code)
    except OSError as error:
        # Errors of files that we write have messages of their own; this one is standard output's.
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        sys.stderr.write(f"lighton-ocr: standard output cannot be written: {error.strerror}.\n")
        # Python would flush once more on exit and print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OutputError.exit_code)
