"""Clean up what a request leaves behind."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack


async def cleanup() -> AsyncIterator[AsyncExitStack]:
    """Yield a stack that is closed when the answer has been sent, or its client has gone."""
    async with AsyncExitStack() as stack:
        yield stack
