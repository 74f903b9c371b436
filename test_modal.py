"""Check that a deployment works: `python test_modal.py --url URL [FILE]`.

This is `lighton-ocr check`, not a test of this repository; those are in tests/.
"""

import sys

from lighton_ocr.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "check")
    main()
