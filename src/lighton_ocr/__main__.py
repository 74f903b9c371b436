"""`python -m lighton_ocr`."""

from lighton_ocr.cli import main

main()
