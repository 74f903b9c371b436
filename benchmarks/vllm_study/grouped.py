"""A scheduler of vLLM's that lets new pages in several at a time."""

import time

from vllm.v1.core.sched.async_scheduler import AsyncScheduler
from vllm.v1.core.sched.output import SchedulerOutput

GROUP = 8
LONGEST_WAIT = 1.0  # seconds of the first in the queue


class Grouped(AsyncScheduler):
    """Holds back prefill until GROUP pages wait, or the first has waited LONGEST_WAIT.

    vLLM has this for engines that run in step with each other; here it keeps the encoder's batches
    large. With nothing to decode, nothing is held back.
    """

    def schedule(self, throttle_prefills: bool = False) -> SchedulerOutput:
        """The next step's work."""
        return super().schedule(throttle_prefills or self._is_a_group_forming())

    def _is_a_group_forming(self) -> bool:
        if not 0 < len(self.waiting) < GROUP:
            return False
        return time.time() - self.waiting.peek_request().arrival_time < LONGEST_WAIT
