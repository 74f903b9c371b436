"""`python -m lighton_ocr`."""

from lighton_ocr.cli import main

if __name__ == "__main__":  # a batch's renderers load this module, too
    main()
