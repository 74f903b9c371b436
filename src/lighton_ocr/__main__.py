"""The program: `lighton-ocr`, or `python -m lighton_ocr`."""

import sys

_INTERRUPTED = 130  # as in `cli.process`, which may not be imported yet


def main() -> None:
    """Import and run the command line; Ctrl-C before a command begins ends it quietly, too."""
    try:
        from lighton_ocr.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":  # a batch's renderers load this module, too
    main()
