"""The server's app on a real port, in a thread of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.applications import Starlette

from lighton_ocr.server.run import Server, address_of, listen


@contextmanager
def running(app: Starlette, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve an app on loopback, and give its address."""
    listening = listen(host, 0)
    ready = threading.Event()
    server = Server(app, ready.set)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        if not ready.wait(30):
            raise AssertionError("the server did not start")
        yield address_of(listening)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
