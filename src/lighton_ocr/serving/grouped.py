"""A scheduler of vLLM's that lets new pages in several at a time; vLLM loads it with
`--scheduler-cls`.

A step that takes in a page encodes it, and all pages that are being written wait. On a busy server
pages come one by one, every tenth of a second: three of eight steps are such, and in them the GPU
waits for its processor. Eight together take less than eight alone (docs/PERFORMANCE.md).
"""

import time
from inspect import signature

from vllm.v1.core.sched.async_scheduler import AsyncScheduler
from vllm.v1.core.sched.output import SchedulerOutput

from lighton_ocr.serving.vllm_command import MANY_PAGES

# vLLM has this for engines that run in step with each other; versions before have not.
_CAN_HOLD_BACK = "throttle_prefills" in signature(AsyncScheduler.schedule).parameters


class Grouped(AsyncScheduler):  # type: ignore[misc]  # where vLLM is not installed
    """Holds back new pages until `group` wait, or the first has waited `longest_wait` seconds.

    Only while more than `busy` are being written, each of which takes far longer than that: with
    few, whoever sends them would notice the wait.
    """

    group = 8
    longest_wait = 1.0
    busy = MANY_PAGES

    def schedule(self, throttle_prefills: bool = False) -> SchedulerOutput:
        """The next step's work."""
        if not _CAN_HOLD_BACK:
            return super().schedule()
        return super().schedule(throttle_prefills or self._is_a_group_forming())

    def _is_a_group_forming(self) -> bool:
        if len(self.running) <= self.busy or not 0 < len(self.waiting) < self.group:
            return False
        waited: float = time.time() - self.waiting.peek_request().arrival_time
        return waited < self.longest_wait
