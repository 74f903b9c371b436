"""Settings of the whole process, which only a command line may change."""

import logging
import os


def set_up_process() -> None:
    """Keep child processes from running a folder's files, and asyncio from reporting their end."""
    # Python started with -m looks for modules in the current folder first: a file pickle.py among
    # the documents would run in every renderer.
    os.environ["PYTHONSAFEPATH"] = "1"
    # Renderers end with their event loop. Up to Python 3.11 a thread waits for each, and logs a
    # warning if asyncio noticed the end first.
    logging.getLogger("asyncio").addFilter(lambda record: "Unknown child" not in str(record.msg))
