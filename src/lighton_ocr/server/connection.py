"""Close a connection on which no request arrives, or whose client does not read the answer.

uvicorn waits without end for both. What arrives after a request's headers is bounded in traffic.py.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_SLOWEST = 1 << 10  # bytes a second that a client must take of its answer
_SHARE = 0.75  # of all connections that one address may have


class Connection(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, looked at every `stall_seconds`.

    A connection that had no request since the last look is ended, and so is one whose client has
    hardly taken anything. Past `most` connections, new ones are closed at once.
    """

    stall_seconds = 30.0
    most = 2000

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._looks: asyncio.TimerHandle | None = None
        self._last_cycle: object = None
        self._untaken: int | None = None  # bytes at the last look; None if all were taken since

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Watch the connection, if there is room for it."""
        super().connection_made(transport)
        if self._is_one_too_many():
            transport.abort()
            return
        transport.set_write_buffer_limits(high=0)  # `resume_writing` says that all was taken
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        super().connection_lost(exc)
        if self._looks is not None:
            self._looks.cancel()

    def pause_writing(self) -> None:
        """Let answers wait until the client takes what there is."""
        self.flow.pause_writing()

    def resume_writing(self) -> None:
        """The client has taken everything."""
        self._untaken = None
        self.flow.resume_writing()

    def _look_later(self) -> None:
        self._looks = self.loop.call_later(self.stall_seconds, self._look)

    def _look(self) -> None:
        waits = self.transport.get_write_buffer_size()
        if self._is_not_taken(waits) if waits else self._has_no_request():
            self.transport.abort()
            return
        self._last_cycle = self.cycle
        self._untaken = waits or None
        self._look_later()

    def _has_no_request(self) -> bool:
        is_idle = self.cycle is None or self.cycle.response_complete
        return is_idle and self.cycle is self._last_cycle

    def _is_not_taken(self, waits: int) -> bool:
        least = int(_SLOWEST * self.stall_seconds)
        return self._untaken is not None and waits > self._untaken - least

    def _is_one_too_many(self) -> bool:
        hosts = [each.client and each.client[0] for each in self._all()]
        host = self.client and self.client[0]
        return len(hosts) > self.most or hosts.count(host) > self.most * _SHARE

    def _all(self) -> list["Connection"]:
        return [each for each in self.connections if isinstance(each, Connection)]
