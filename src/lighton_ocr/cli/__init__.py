"""The command line, one module per command: each parses, calls and prints."""

import errno
import sys
from typing import Annotated

import typer

import lighton_ocr
from lighton_ocr._text import escape_controls
from lighton_ocr.cli.batch import batch
from lighton_ocr.cli.bench import app as bench
from lighton_ocr.cli.catalog import gpus, models
from lighton_ocr.cli.check import check
from lighton_ocr.cli.compare import compare
from lighton_ocr.cli.conflicts import Command
from lighton_ocr.cli.group import CommandGroup
from lighton_ocr.cli.mcp import mcp
from lighton_ocr.cli.plan import plan
from lighton_ocr.cli.process import drop_output, environment_fault, set_up_process
from lighton_ocr.cli.read import read
from lighton_ocr.cli.serve import serve
from lighton_ocr.cli.status import status
from lighton_ocr.errors import LightonOcrError, OutputError

app = typer.Typer(
    name="lighton-ocr",
    cls=CommandGroup,
    help="Convert documents to Markdown, with LightOnOCR models.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lighton-ocr {lighton_ocr.__version__}")
        raise typer.Exit


@app.callback()
def _program(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


app.command(cls=Command)(read)
app.command(cls=Command)(serve)
app.command(cls=Command)(mcp)
app.command(cls=Command)(batch)
app.command(cls=Command)(status)
app.command(cls=Command)(check)
app.command(cls=Command)(compare)
app.command(cls=Command)(models)
app.command(cls=Command)(gpus)
app.command(cls=Command)(plan)
app.add_typer(bench, name="bench")


def main() -> None:
    """Run a command; print known errors in one sentence and exit with their code."""
    set_up_process()
    try:
        app()
    except LightonOcrError as error:
        sys.stderr.write(f"lighton-ocr: {escape_controls(str(error))}\n")
        drop_output()
        sys.exit(error.exit_code)
    except OSError as error:
        if sentence := environment_fault(error):
            sys.stderr.write(f"lighton-ocr: {sentence}\n")
            sys.exit(OutputError.exit_code)
        # Errors of files that we write have messages of their own; this one is standard output's.
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF):
            raise
        sys.stderr.write(f"lighton-ocr: standard output cannot be written: {error.strerror}.\n")
        drop_output()
        sys.exit(OutputError.exit_code)
