"""Is a deployment right? `python test_modal.py --url URL [FILE]`, which is `lighton-ocr check`.

Not a test of this repository: those are in tests/.
"""

import sys

from lighton_ocr.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "check")
    main()
